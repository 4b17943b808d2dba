-- name: supply
-- What is free serves first those who wait for it; what a shopper has reserved is there for that shopper.
select s.variant_id,
    (coalesce(sum(h.own), 0) + greatest(0, sum(s.on_hand - s.allocated - s.held + coalesce(h.expired, 0)) - sum(s.owed)))::bigint as available,
    least(1000000000, coalesce(sum(case when s.backorder_policy = 'deny' then 0
        else greatest(0, coalesce(s.backorder_limit - s.owed - s.pledged + coalesce(h.pledged, 0), 1000000000)) end), 0))::bigint as ahead,
    min(s.expected_on) filter (where s.backorder_policy = 'backorder' and s.expected_on >= ($2::timestamptz at time zone 'UTC')::date) as expected_on
from inventory.stock s
join inventory.warehouse w on w.id = s.warehouse_id and w.is_active
left join lateral (
    select sum(e.quantity) filter (where e.owner = any($3::uuid[])) as own, sum(e.quantity) filter (where not (e.owner = any($3::uuid[]))) as expired, sum(e.pledged) as pledged
    from inventory.hold e
    where e.stock_id = s.id and (e.expires_at <= $2::timestamptz or e.owner = any($3::uuid[]))
) h on true
where s.variant_id = any($1::uuid[])
group by s.variant_id

-- name: lock_for_hold
select s.id, s.variant_id, s.on_hand, s.held, s.allocated, s.pledged, s.owed, s.backorder_policy, s.backorder_limit, s.warehouse_id, w.priority, w.is_active
from inventory.stock s
join inventory.warehouse w on w.id = s.warehouse_id
where s.variant_id in (
    -- two index reads; an "or" of both would read every row of the table
    select v.id from unnest($1::uuid[]) as v (id)
    union
    select o.variant_id from inventory.hold h join inventory.stock o on o.id = h.stock_id where h.owner = $2::uuid)
order by s.id
for update of s

-- name: holds_to_free
select h.owner, h.stock_id, h.quantity, h.pledged
from inventory.hold h
where h.stock_id in (select s.id from inventory.stock s where s.variant_id = any($1::uuid[])) and h.expires_at <= $3::timestamptz
   or h.owner = $2::uuid

-- name: delete_holds
delete from inventory.hold h
using unnest($1::uuid[], $2::uuid[]) as d (owner, stock_id)
where h.owner = d.owner and h.stock_id = d.stock_id

-- name: take_stock
-- What is freed first is there to be taken; beyond what is on hand, as many as may be owed.
update inventory.stock s
set held = s.held - d.freed + d.taken, pledged = s.pledged - d.unpledged + d.pledged, updated_at = $6::timestamptz
from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) as d (id, freed, taken, unpledged, pledged)
where s.id = d.id and s.on_hand - s.allocated - (s.held - d.freed) >= d.taken
    and (d.pledged = 0 or s.backorder_policy = 'backorder'
        and (s.backorder_limit is null or s.owed + s.pledged - d.unpledged + d.pledged <= s.backorder_limit))

-- name: insert_holds
insert into inventory.hold (owner, stock_id, quantity, pledged, expires_at, created_at)
select $1::uuid, d.stock_id, d.quantity, d.pledged, $5::timestamptz, $6::timestamptz
from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as d (stock_id, quantity, pledged)

-- name: extend_hold
update inventory.hold set expires_at = greatest(expires_at, $2::timestamptz)
where owner = $1::uuid and expires_at > $3::timestamptz

-- name: lock_stock_of_owner
-- All rows of the variants: what one of them sets free, whoever waits at another gets.
select s.id, s.variant_id, s.on_hand, s.held, s.allocated, s.pledged, s.owed, s.backorder_policy, s.backorder_limit, s.warehouse_id, w.priority, w.is_active
from inventory.stock s
join inventory.warehouse w on w.id = s.warehouse_id
where s.variant_id in (select o.variant_id from inventory.hold h join inventory.stock o on o.id = h.stock_id where h.owner = $1::uuid)
order by s.id
for update of s

-- name: owner_holds
select h.stock_id, s.variant_id, h.quantity, h.pledged
from inventory.hold h
join inventory.stock s on s.id = h.stock_id
where h.owner = $1::uuid
order by h.stock_id

-- name: free_stock
update inventory.stock s set held = s.held - d.quantity, pledged = s.pledged - d.pledged, updated_at = $4::timestamptz
from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as d (id, quantity, pledged)
where s.id = d.id

-- name: allocate_stock
update inventory.stock s
set held = s.held - d.quantity, allocated = s.allocated + d.quantity, pledged = s.pledged - d.pledged, owed = s.owed + d.pledged,
    updated_at = $4::timestamptz
from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as d (id, quantity, pledged)
where s.id = d.id

-- name: insert_allocations
insert into inventory.allocation (order_id, stock_id, quantity, created_at)
select $1::uuid, d.stock_id, d.quantity, $4::timestamptz
from unnest($2::uuid[], $3::bigint[]) as d (stock_id, quantity)
where d.quantity > 0
on conflict (order_id, stock_id) do update set quantity = inventory.allocation.quantity + excluded.quantity

-- name: lock_stock_of_order
select s.id, s.variant_id, s.on_hand, s.held, s.allocated, s.pledged, s.owed, s.backorder_policy, s.backorder_limit, s.warehouse_id, w.priority, w.is_active
from inventory.stock s
join inventory.warehouse w on w.id = s.warehouse_id
where s.variant_id in (
    select o.variant_id from inventory.allocation a join inventory.stock o on o.id = a.stock_id where a.order_id = $1::uuid
    union
    select o.variant_id from inventory.waiting q join inventory.stock o on o.id = q.stock_id where q.order_id = $1::uuid)
order by s.id
for update of s

-- name: allocations_of_order
select a.stock_id, s.variant_id, a.quantity, a.shipped
from inventory.allocation a
join inventory.stock s on s.id = a.stock_id
where a.order_id = $1::uuid
order by a.stock_id

-- name: delete_open_allocations
delete from inventory.allocation where order_id = $1::uuid and shipped = 0

-- name: delete_used_up_allocations
delete from inventory.allocation a
using unnest($2::uuid[], $3::bigint[]) as d (stock_id, quantity)
where a.order_id = $1::uuid and a.stock_id = d.stock_id and a.quantity = d.quantity

-- name: lower_allocations
update inventory.allocation a set quantity = a.quantity - d.quantity
from unnest($2::uuid[], $3::bigint[]) as d (stock_id, quantity)
where a.order_id = $1::uuid and a.stock_id = d.stock_id and a.quantity > d.quantity and a.quantity - d.quantity >= a.shipped

-- name: trim_allocations
update inventory.allocation set quantity = shipped where order_id = $1::uuid and shipped > 0

-- name: unallocate_stock
update inventory.stock s set allocated = s.allocated - d.quantity, updated_at = $3::timestamptz
from unnest($1::uuid[], $2::bigint[]) as d (id, quantity)
where s.id = d.id

-- name: ship_allocations
update inventory.allocation a set shipped = a.shipped + d.quantity
from unnest($2::uuid[], $3::bigint[]) as d (stock_id, quantity)
where a.order_id = $1::uuid and a.stock_id = d.stock_id and a.shipped + d.quantity <= a.quantity

-- name: drop_returned_allocations
delete from inventory.allocation a
using unnest($2::uuid[], $3::bigint[], $4::bigint[]) as d (stock_id, quantity, written_off)
where a.order_id = $1::uuid and a.stock_id = d.stock_id and a.quantity = d.written_off and a.shipped = d.quantity

-- name: return_allocations
update inventory.allocation a set shipped = a.shipped - d.quantity, quantity = a.quantity - d.written_off
from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as d (stock_id, quantity, written_off)
where a.order_id = $1::uuid and a.stock_id = d.stock_id and a.shipped >= d.quantity and a.quantity > d.written_off

-- name: return_stock
update inventory.stock s set on_hand = s.on_hand + d.quantity, allocated = s.allocated + d.quantity, updated_at = $3::timestamptz
from unnest($1::uuid[], $2::bigint[]) as d (id, quantity)
where s.id = d.id

-- name: ship_stock
update inventory.stock s
set allocated = s.allocated - d.quantity, on_hand = s.on_hand - d.quantity, updated_at = $3::timestamptz
from unnest($1::uuid[], $2::bigint[]) as d (id, quantity)
where s.id = d.id

-- name: insert_movements
insert into inventory.movement (stock_id, delta, reason, reference, at)
select d.stock_id, d.delta, $3::text, $4::uuid, $5::timestamptz
from unnest($1::uuid[], $2::bigint[]) as d (stock_id, delta)

-- name: ensure_stock
insert into inventory.stock (id, warehouse_id, variant_id, updated_at)
select $1::uuid, w.id, $2::uuid, $3::timestamptz
from inventory.warehouse w
where w.is_active
order by w.priority, w.id
limit 1
on conflict (variant_id, warehouse_id) do nothing

-- name: ensure_stock_in
insert into inventory.stock (id, warehouse_id, variant_id, updated_at)
select d.id, w.id, d.variant_id, $4::timestamptz
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as d (id, warehouse_id, variant_id)
join inventory.warehouse w on w.id = d.warehouse_id and w.is_active
order by d.variant_id, w.id
on conflict (variant_id, warehouse_id) do nothing

-- name: lock_stock_in
-- All rows of the variants: what arrives in one warehouse, whoever waits at another gets.
select s.id, s.variant_id, s.on_hand, s.held, s.allocated, s.pledged, s.owed, s.backorder_policy, s.backorder_limit, s.warehouse_id, w.priority, w.is_active
from inventory.stock s
join inventory.warehouse w on w.id = s.warehouse_id
where s.variant_id = any($1::uuid[])
order by s.id
for update of s

-- name: add_on_hand
update inventory.stock s set on_hand = s.on_hand + d.delta, updated_at = $3::timestamptz
from unnest($1::uuid[], $2::bigint[]) as d (id, delta)
where s.id = d.id

-- name: shipped_from
select distinct on (s.variant_id) s.variant_id, s.warehouse_id
from inventory.allocation a
join inventory.stock s on s.id = a.stock_id
join inventory.warehouse w on w.id = s.warehouse_id and w.is_active
where a.order_id = $1::uuid and a.shipped > 0
order by s.variant_id, a.shipped desc, w.priority, w.id

-- name: lock_stock_of_variant
select s.id, s.variant_id, s.on_hand, s.held, s.allocated, s.pledged, s.owed, s.backorder_policy, s.backorder_limit, s.warehouse_id, w.priority, w.is_active
from inventory.stock s
join inventory.warehouse w on w.id = s.warehouse_id
where s.variant_id = $1::uuid
order by s.id
for update of s

-- name: first_levels
-- Of the warehouse that ensure_stock makes a row in, not of the first that has one.
select s.id, s.variant_id, s.on_hand, s.held, s.allocated, s.pledged, s.owed, s.backorder_policy, s.backorder_limit, s.expected_on
from (select w.id from inventory.warehouse w where w.is_active order by w.priority, w.id limit 1) f
join inventory.stock s on s.warehouse_id = f.id
where s.variant_id = any($1::uuid[])
order by s.variant_id

-- name: set_on_hand
update inventory.stock set on_hand = $2::bigint, updated_at = $3::timestamptz where id = $1::uuid

-- name: lock_stock_of_owners
select s.id, s.variant_id, s.on_hand, s.held, s.allocated, s.pledged, s.owed, s.backorder_policy, s.backorder_limit, s.warehouse_id, w.priority, w.is_active
from inventory.stock s
join inventory.warehouse w on w.id = s.warehouse_id
where s.variant_id in (
    select o.variant_id from inventory.hold h join inventory.stock o on o.id = h.stock_id where h.owner = any($1::uuid[]))
order by s.id
for update of s

-- name: expired_owners
select h.owner from inventory.hold h where h.expires_at <= $1::timestamptz group by h.owner order by min(h.expires_at) limit $2::int

-- name: live_holds
select h.stock_id from inventory.hold h where h.owner = $1::uuid and h.expires_at > $2::timestamptz limit 1

-- name: active_warehouses
select w.id, w.code, w.name, w.country, w.priority, w.parcel_cost, w.parcel_cost_abroad
from inventory.warehouse w where w.is_active order by w.priority, w.id

-- name: sources_of_order
select s.warehouse_id, s.variant_id, s.on_hand - s.held - s.allocated as free, coalesce(a.quantity - a.shipped, 0)::bigint as allocated
from inventory.stock s
join inventory.warehouse w on w.id = s.warehouse_id and w.is_active
left join inventory.allocation a on a.stock_id = s.id and a.order_id = $1::uuid
where s.variant_id in (select o.variant_id from inventory.allocation m join inventory.stock o on o.id = m.stock_id where m.order_id = $1::uuid)
order by w.priority, s.warehouse_id, s.variant_id

-- name: lock_sources_of_order
select s.id, s.warehouse_id, s.variant_id, s.on_hand - s.held - s.allocated as free
from inventory.stock s
where s.variant_id in (select o.variant_id from inventory.allocation m join inventory.stock o on o.id = m.stock_id where m.order_id = $1::uuid)
order by s.id
for update

-- name: change_allocated
update inventory.stock s set allocated = s.allocated + d.delta, updated_at = $3::timestamptz
from unnest($1::uuid[], $2::bigint[]) as d (id, delta)
where s.id = d.id and s.on_hand - s.held - s.allocated >= d.delta

-- name: shrink_allocations
update inventory.allocation a set quantity = a.quantity - d.quantity
from unnest($2::uuid[], $3::bigint[]) as d (stock_id, quantity)
where a.order_id = $1::uuid and a.stock_id = d.stock_id and a.quantity > d.quantity

-- name: drop_allocations
delete from inventory.allocation a
using unnest($2::uuid[], $3::bigint[]) as d (stock_id, quantity)
where a.order_id = $1::uuid and a.stock_id = d.stock_id and a.quantity = d.quantity and a.shipped = 0

-- name: grow_allocations
insert into inventory.allocation (order_id, stock_id, quantity, created_at)
select $1::uuid, d.stock_id, d.quantity, $4::timestamptz
from unnest($2::uuid[], $3::bigint[]) as d (stock_id, quantity)
on conflict (order_id, stock_id) do update set quantity = inventory.allocation.quantity + excluded.quantity

-- name: stock_of_warehouse
select s.id, s.variant_id from inventory.stock s
where s.warehouse_id = $1::uuid and s.id in (select a.stock_id from inventory.allocation a where a.order_id = $2::uuid)

-- name: insert_waiting
insert into inventory.waiting (order_id, stock_id, quantity, created_at)
select $1::uuid, d.stock_id, d.quantity, $4::timestamptz
from unnest($2::uuid[], $3::bigint[]) as d (stock_id, quantity)
where d.quantity > 0
on conflict (order_id, stock_id) do update set quantity = inventory.waiting.quantity + excluded.quantity

-- name: waiting_of_order
select q.id, q.stock_id, s.variant_id, q.quantity
from inventory.waiting q
join inventory.stock s on s.id = q.stock_id
where q.order_id = $1::uuid
order by q.id

-- name: waiting_for_variants
select q.id, q.order_id, q.stock_id, s.variant_id, q.quantity
from inventory.waiting q
join inventory.stock s on s.id = q.stock_id
where s.variant_id = any($1::uuid[])
order by q.id

-- name: drop_waiting
delete from inventory.waiting q
using unnest($1::bigint[], $2::bigint[]) as d (id, quantity)
where q.id = d.id and q.quantity = d.quantity

-- name: lower_waiting
update inventory.waiting q set quantity = q.quantity - d.quantity
from unnest($1::bigint[], $2::bigint[]) as d (id, quantity)
where q.id = d.id and q.quantity > d.quantity

-- name: lower_owed
update inventory.stock s set owed = s.owed - d.quantity, updated_at = $3::timestamptz
from unnest($1::uuid[], $2::bigint[]) as d (id, quantity)
where s.id = d.id

-- name: allocate_arrived
insert into inventory.allocation (order_id, stock_id, quantity, created_at)
select d.order_id, d.stock_id, d.quantity, $4::timestamptz
from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as d (order_id, stock_id, quantity)
on conflict (order_id, stock_id) do update set quantity = inventory.allocation.quantity + excluded.quantity

-- name: set_backorders
update inventory.stock
set backorder_policy = $2::text, backorder_limit = $3::bigint, expected_on = $4::date, updated_at = $5::timestamptz
where id = $1::uuid

-- name: waiting_of_orders
select q.order_id, s.variant_id, q.quantity, s.expected_on
from inventory.waiting q
join inventory.stock s on s.id = q.stock_id
where q.order_id = any($1::uuid[])
order by q.id

-- name: audit
with held as (select h.stock_id, sum(h.quantity) as there, sum(h.pledged) as pledged from inventory.hold h group by h.stock_id),
allocated as (select a.stock_id, sum(a.quantity - a.shipped) as units from inventory.allocation a group by a.stock_id),
owed as (select q.stock_id, sum(q.quantity) as units from inventory.waiting q group by q.stock_id),
moved as (select m.stock_id, sum(m.delta) as units from inventory.movement m group by m.stock_id)
select
    count(*) filter (where s.held <> coalesce(held.there, 0) or s.pledged <> coalesce(held.pledged, 0)) as held,
    count(*) filter (where s.allocated <> coalesce(allocated.units, 0)) as allocated,
    count(*) filter (where s.owed <> coalesce(owed.units, 0)) as owed,
    count(*) filter (where s.on_hand <> coalesce(moved.units, 0)) as on_hand,
    (select count(*) from (
        select o.variant_id from inventory.stock o join inventory.warehouse w on w.id = o.warehouse_id and w.is_active
        group by o.variant_id having sum(o.on_hand - o.held - o.allocated) > 0 and sum(o.owed) > 0) v) as passed_over
from inventory.stock s
left join held on held.stock_id = s.id
left join allocated on allocated.stock_id = s.id
left join owed on owed.stock_id = s.id
left join moved on moved.stock_id = s.id

-- name: waiting_orders
select q.order_id, min(q.id) as since from inventory.waiting q group by q.order_id order by min(q.id) limit $1::int
