-- name: ensure_checkout
insert into checkout.checkout (id, cart_id, email, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::text, $4::timestamptz, $4::timestamptz)
on conflict (cart_id) do update set email = coalesce(checkout.checkout.email, excluded.email), updated_at = excluded.updated_at

-- name: find_checkout
select c.id, c.cart_id, c.email, c.phone, c.accepts_marketing, c.shipping_address::text as shipping_address, c.billing_address::text as billing_address,
    c.shipping_option::text as shipping_option, c.option_basis, c.service_point::text as service_point, c.hold_expires_at, c.held_since,
    c.credit_ids::text[] as credit_ids
from checkout.checkout c where c.cart_id = $1::uuid

-- name: wants_marketing
select c.id from checkout.checkout c where c.id = $1::uuid and c.accepts_marketing

-- name: set_contact
update checkout.checkout set email = $2::text, phone = $3::text, accepts_marketing = $4::boolean, updated_at = $5::timestamptz where id = $1::uuid

-- name: set_address
update checkout.checkout set shipping_address = $2::jsonb, billing_address = $3::jsonb, updated_at = $4::timestamptz where id = $1::uuid

-- name: set_option
update checkout.checkout
set shipping_option = $2::jsonb, option_basis = $3::text, service_point = $4::jsonb, updated_at = $5::timestamptz
where id = $1::uuid

-- name: set_credits
update checkout.checkout set credit_ids = $2::uuid[], updated_at = $3::timestamptz where id = $1::uuid

-- name: set_hold
update checkout.checkout
set held_since = case when hold_expires_at > $3::timestamptz then coalesce(held_since, $3::timestamptz) else $3::timestamptz end,
    hold_expires_at = $2::timestamptz, updated_at = $3::timestamptz
where id = $1::uuid

-- name: find_completion
select c.order_id, c.attempt_id from checkout.completion c where c.scope = $1::text and c.key = $2::text

-- name: insert_completion
insert into checkout.completion (scope, key, order_id, attempt_id, created_at)
values ($1::text, $2::text, $3::uuid, $4::uuid, $5::timestamptz)
on conflict (scope, key) do update set order_id = excluded.order_id, attempt_id = excluded.attempt_id

-- name: purge_completions
delete from checkout.completion where created_at < $1::timestamptz

-- name: forget_people
update checkout.checkout set email = null, phone = null, shipping_address = null, billing_address = null, service_point = null
where cart_id = any($1::uuid[])

-- name: purge_checkouts
-- Nobody went on with them: whom they are of and where they live need not be known any longer. Placed orders have their own copy.
delete from checkout.checkout c
where c.id in (select o.id from checkout.checkout o where o.created_at < $1::timestamptz and o.updated_at < $1::timestamptz
               order by o.created_at limit $2::int for update skip locked)
