-- name: list_addresses
select a.id, a.first_name, a.last_name, a.company, a.line1, a.line2, a.postal_code, a.city, a.state, a.country, a.phone, a.is_default
from customers.address a
where a.customer_id = $1::uuid
order by a.is_default desc, a.created_at, a.id

-- name: count_addresses
select count(*)::bigint as count from customers.address a where a.customer_id = $1::uuid

-- name: clear_default_address
update customers.address set is_default = false where customer_id = $1::uuid and is_default and id <> $2::uuid

-- name: insert_address
insert into customers.address (id, customer_id, first_name, last_name, company, line1, line2, postal_code, city, state, country, phone, is_default, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text, $13::boolean, $14::timestamptz, $14::timestamptz)

-- name: update_address
update customers.address set first_name = $3::text, last_name = $4::text, company = $5::text, line1 = $6::text, line2 = $7::text, postal_code = $8::text,
    city = $9::text, state = $10::text, country = $11::text, phone = $12::text, is_default = coalesce($13::boolean, is_default), updated_at = $14::timestamptz
where id = $1::uuid and customer_id = $2::uuid
returning id, first_name, last_name, company, line1, line2, postal_code, city, state, country, phone, is_default

-- name: delete_address
delete from customers.address where id = $1::uuid and customer_id = $2::uuid returning is_default

-- name: promote_address
update customers.address set is_default = true
where id = (select a.id from customers.address a where a.customer_id = $1::uuid order by a.created_at desc, a.id desc limit 1)
    and not exists (select from customers.address d where d.customer_id = $1::uuid and d.is_default)
