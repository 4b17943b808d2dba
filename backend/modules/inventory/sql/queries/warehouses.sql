-- name: lock_warehouses
-- All of them: whether one is the last is decided by one at a time.
select w.id, w.code, w.is_active from inventory.warehouse w order by w.id for update

-- name: goods_promised
select exists (select from inventory.stock s where s.warehouse_id = $1::uuid and (s.allocated > 0
    or exists (select from inventory.hold h where h.stock_id = s.id and h.expires_at > $2::timestamptz))) as found

-- name: save_warehouse
insert into inventory.warehouse (id, code, name, country, priority, is_active, parcel_cost, parcel_cost_abroad, settled_at)
values ($1::uuid, $2::text, $3::text, $4::text, $5::int, $6::bool, $7::bigint, $8::bigint, $9::timestamptz)
on conflict (id) do update set name = excluded.name, country = excluded.country, priority = excluded.priority, is_active = excluded.is_active,
    parcel_cost = excluded.parcel_cost, parcel_cost_abroad = excluded.parcel_cost_abroad, settled_at = excluded.settled_at

-- name: goods_of_warehouse
select s.variant_id from inventory.stock s where s.warehouse_id = $1::uuid and s.on_hand > 0 order by s.variant_id

-- name: settle_first_warehouse
update inventory.warehouse set country = $1::text, settled_at = $2::timestamptz
where id = '00000000-0000-7000-8000-000000000001' and settled_at is null
