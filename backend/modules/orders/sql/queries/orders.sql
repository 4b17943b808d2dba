-- name: next_number
select 'S-' || nextval('orders.number_seq')::text as number

-- name: insert_order
insert into orders.orders (id, number, cart_id, checkout_id, customer_id, owner_hash, email, email_folded, phone, state, payment_state, currency,
    locale, country, tax_included, subtotal, discount, shipping, tax, total, shipping_address, billing_address, shipping_method,
    payment_method, fingerprint, placed_at, updated_at)
values ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::uuid, decode($6::text, 'hex'), $7::text, lower($7::text), $8::text, 'pending_payment', 'pending', $9::text,
    $10::text, $11::text, $12::boolean, $13::bigint, $14::bigint, $15::bigint, $16::bigint, $17::bigint, $18::jsonb, $19::jsonb, $20::jsonb,
    $21::text, $22::text, $23::timestamptz, $23::timestamptz)

-- name: insert_lines
insert into orders.line (id, order_id, position, variant_id, product_id, sku, name, options_text, product_slug, image, quantity, unit_price,
    discount, total, net, tax, tax_basis_points, tax_treatment, weight_grams)
select d.id, $1::uuid, d.position, d.variant_id, d.product_id, d.sku, d.name, d.options_text, d.product_slug, d.image::jsonb, d.quantity, d.unit_price,
    d.discount, d.total, d.net, d.tax, d.tax_basis_points, d.tax_treatment, d.weight_grams
from unnest($2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[],
    $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::text[], $19::bigint[])
    as d (id, position, variant_id, product_id, sku, name, options_text, product_slug, image, quantity, unit_price, discount, total, net, tax,
          tax_basis_points, tax_treatment, weight_grams)

-- name: insert_discounts
insert into orders.discount (order_id, position, label, code, amount)
select $1::uuid, d.position, d.label, d.code, d.amount
from unnest($2::int[], $3::text[], $4::text[], $5::bigint[]) as d (position, label, code, amount)

-- name: insert_tax_lines
insert into orders.tax_line (order_id, position, basis_points, treatment, reason, net, tax)
select $1::uuid, d.position, d.basis_points, d.treatment, d.reason, d.net, d.tax
from unnest($2::int[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]) as d (position, basis_points, treatment, reason, net, tax)

-- name: insert_timeline
insert into orders.timeline (order_id, at, kind, data) values ($1::uuid, $2::timestamptz, $3::text, $4::jsonb)

-- name: lock_order
select o.id, o.number, o.cart_id, o.checkout_id, o.customer_id, encode(o.owner_hash, 'hex') as owner_hash, o.email, o.state, o.payment_state, o.currency,
    o.locale, o.country, o.total, o.tax, o.fingerprint, o.placed_at, o.version
from orders.orders o where o.id = $1::uuid for update

-- name: find_header
select o.id, o.number, o.cart_id, o.checkout_id, o.customer_id, encode(o.owner_hash, 'hex') as owner_hash, o.email, o.state, o.payment_state, o.currency,
    o.locale, o.country, o.total, o.tax, o.fingerprint, o.placed_at, o.version
from orders.orders o where o.id = $1::uuid

-- name: living_of_cart
select o.id, o.number, o.cart_id, o.checkout_id, o.customer_id, encode(o.owner_hash, 'hex') as owner_hash, o.email, o.state, o.payment_state, o.currency,
    o.locale, o.country, o.total, o.tax, o.fingerprint, o.placed_at, o.version
from orders.orders o where o.cart_id = $1::uuid and o.state <> 'cancelled' for update

-- name: find_living_of_cart
select o.id, o.number, o.cart_id, o.checkout_id, o.customer_id, encode(o.owner_hash, 'hex') as owner_hash, o.email, o.state, o.payment_state, o.currency,
    o.locale, o.country, o.total, o.tax, o.fingerprint, o.placed_at, o.version
from orders.orders o where o.cart_id = $1::uuid and o.state <> 'cancelled'

-- name: take_over
update orders.orders set customer_id = $2::uuid, updated_at = $3::timestamptz, version = version + 1 where id = $1::uuid and customer_id is null

-- name: set_state
update orders.orders
set state = $2::text, payment_state = $3::text, updated_at = $4::timestamptz, version = version + 1,
    confirmed_at = case when $2::text = 'confirmed' and confirmed_at is null then $4::timestamptz else confirmed_at end,
    cancelled_at = case when $2::text = 'cancelled' then $4::timestamptz else cancelled_at end
where id = $1::uuid

-- name: set_payment
update orders.orders set payment_method = $2::text, payment_label = $3::text, updated_at = $4::timestamptz where id = $1::uuid

-- name: find_by_number
select o.id from orders.orders o where o.number = $1::text

-- name: order_row
select o.id, o.number, o.customer_id, o.email, o.phone, o.state, o.payment_state, o.currency, o.locale, o.country, o.tax_included, o.subtotal,
    o.discount, o.shipping, o.tax, o.total, o.shipping_address::text as shipping_address, o.billing_address::text as billing_address,
    o.shipping_method::text as shipping_method, o.payment_method, o.payment_label, o.placed_at
from orders.orders o where o.id = $1::uuid

-- name: order_lines
select l.id, l.variant_id, l.product_id, l.sku, l.name, l.options_text, l.product_slug, l.image::text as image, l.quantity, l.unit_price, l.discount,
    l.total, l.net, l.tax, l.tax_basis_points, l.tax_treatment, l.weight_grams,
    case when l.tax_treatment = 'voucher' then (
        select json_agg(json_build_object('state', g.state, 'amount', g.amount, 'credit', g.credit_id, 'hint', g.code_hint, 'email', g.email,
            'recipient', g.recipient, 'send_on', g.send_on::text, 'issued_at', (extract(epoch from g.issued_at) * 1000000)::bigint)
            order by g.position)
        from orders.gift_card g where g.line_id = l.id)::text end as gift_cards
from orders.line l where l.order_id = $1::uuid order by l.position

-- name: order_discounts
select d.label, d.code, d.amount from orders.discount d where d.order_id = $1::uuid order by d.position

-- name: order_tax_lines
select t.basis_points, t.treatment, t.reason, t.net, t.tax from orders.tax_line t where t.order_id = $1::uuid order by t.position

-- name: order_timeline
select t.at, t.kind, t.data::text as data from orders.timeline t where t.order_id = $1::uuid order by t.id

-- name: list_of_customer
select o.id, o.number, o.placed_at, o.state, o.total, o.currency,
    (select sum(l.quantity) from orders.line l where l.order_id = o.id)::bigint as item_count,
    (select json_agg(i.image order by i.position) from (
        select l.image, l.position from orders.line l where l.order_id = o.id and l.image is not null order by l.position limit 4) i)::text as images
from orders.orders o
where o.customer_id = $1::uuid and ($2::timestamptz is null or (o.placed_at, o.id) < ($2::timestamptz, $3::uuid))
order by o.placed_at desc, o.id desc
limit $4::int

-- name: claim_guest_orders
update orders.orders set customer_id = $1::uuid, updated_at = $3::timestamptz, version = version + 1
where customer_id is null and email_folded = lower($2::text)
returning id, number, placed_at

-- name: bought_products
select distinct l.product_id
from orders.line l
join orders.orders o on o.id = l.order_id
where o.customer_id = $1::uuid and o.state not in ('pending_payment', 'cancelled') and ($2::uuid is null or l.product_id = $2::uuid)

-- name: to_review
select distinct on (l.product_id) l.product_id, l.product_slug, l.name, l.image::text as image, o.number
from orders.line l
join orders.orders o on o.id = l.order_id
where o.customer_id = $1::uuid and o.state not in ('pending_payment', 'cancelled')
order by l.product_id, o.placed_at desc
limit 200

-- name: stale_pending
select o.id from orders.orders o
where o.state = 'pending_payment' and o.placed_at < $1::timestamptz
order by o.placed_at limit $2::int
