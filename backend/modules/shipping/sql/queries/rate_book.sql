-- name: lock_zone
-- Whether a delivery is the last of a zone is decided by one at a time.
select pg_advisory_xact_lock(hashtext('shipping.zone:' || $1::text))

-- name: rate_taken
select exists (select from shipping.rate r where r.zone = $1::text and r.code = $2::text and r.currency = $3::text and r.up_to_grams = $4::bigint
    and r.id is distinct from $5::int) as found

-- name: other_rate_of_zone
select exists (select from shipping.rate r where r.zone = $1::text and r.enabled and r.id is distinct from $2::int) as found

-- name: zone_is_served
select exists (select from shipping.zone_country c where c.zone = $1::text) as found

-- name: insert_rate
insert into shipping.rate (zone, code, names, carrier, up_to_grams, currency, price, days_min, days_max, can_be_free, enabled)
values ($1::text, $2::text, $3::jsonb, $4::text, $5::bigint, $6::text, $7::bigint, $8::int, $9::int, $10::bool, $11::bool)
returning id

-- name: update_rate
update shipping.rate set names = $2::jsonb, carrier = $3::text, price = $4::bigint, days_min = $5::int, days_max = $6::int, can_be_free = $7::bool,
    enabled = $8::bool
where id = $1::int
returning id

-- name: put_country
insert into shipping.zone_country (country, zone) values ($1::text, $2::text) on conflict (country) do update set zone = excluded.zone

-- name: drop_country
delete from shipping.zone_country where country = $1::text returning country

-- name: put_free_from
insert into shipping.free_from (zone, currency, amount) values ($1::text, $2::text, $3::bigint)
on conflict (zone, currency) do update set amount = excluded.amount

-- name: drop_free_from
delete from shipping.free_from where zone = $1::text and currency = $2::text returning zone

-- name: drop_customs
delete from shipping.customs where variant_id = $1::uuid

-- name: set_customs
insert into shipping.customs (variant_id, hs_code, origin_country, updated_at) values ($1::uuid, $2::text, $3::text, $4::timestamptz)
on conflict (variant_id) do update set hs_code = excluded.hs_code, origin_country = excluded.origin_country, updated_at = excluded.updated_at
