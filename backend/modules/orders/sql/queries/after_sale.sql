-- name: sold_order
select o.id, o.number, o.customer_id, o.state, o.payment_state, o.currency, o.locale, o.country, o.tax_included, o.subtotal, o.discount, o.shipping,
    o.tax, o.total, o.version, o.payment_method, o.payment_label, o.placed_at, o.email, o.shipping_address::text as shipping_address,
    o.billing_address::text as billing_address, o.shipping_method ->> 'option_id' as option_id
from orders.orders o where o.id = $1::uuid

-- name: sold_lines
select l.id, l.variant_id, l.product_id, l.sku, l.name, l.options_text, l.quantity, l.unit_price, l.discount, l.total, l.net, l.tax,
    l.tax_basis_points, l.tax_treatment, l.weight_grams,
    coalesce(c.quantity, 0)::bigint as credited_quantity, coalesce(c.amount, 0)::bigint as credited, coalesce(c.tax, 0)::bigint as credited_tax,
    coalesce(c.unsent, 0)::bigint as unsent
from orders.line l
left join lateral (
    select sum(r.quantity) as quantity, sum(r.amount) as amount, sum(r.tax) as tax, sum(r.unsent) as unsent
    from orders.refund_line r where r.line_id = l.id) c on true
where l.order_id = $1::uuid
order by l.position

-- name: tax_lines_of_order
select t.basis_points, t.treatment, t.reason, t.net, t.tax from orders.tax_line t where t.order_id = $1::uuid order by t.position

-- name: credited_sums
select coalesce(sum(r.amount), 0)::bigint as amount, coalesce(sum(r.tax), 0)::bigint as tax, coalesce(sum(r.shipping), 0)::bigint as shipping,
    coalesce(sum(r.shipping_tax), 0)::bigint as shipping_tax, coalesce(sum(r.as_credit), 0)::bigint as as_credit
from orders.refund r where r.order_id = $1::uuid

-- name: orders_to_complete
-- Those that look like it; what is open of each is asked under its lock. Ids are made in the order of time, and nobody waits at the front:
-- the next page begins behind the last of this one.
select o.id
from orders.orders o
cross join orders.return_policy p
where o.state = 'delivered' and ($2::uuid is null or o.id > $2::uuid)
    and o.payment_state in ('paid', 'partially_refunded', 'refunded')
    and o.placed_at < $1::timestamptz - make_interval(days => p.days)
    and (select max(t.at) from orders.timeline t where t.order_id = o.id and t.kind = 'delivered')
        < $1::timestamptz - make_interval(days => p.days)
    and not exists (select 1 from orders.return_request r where r.order_id = o.id and r.state in ('requested', 'approved', 'received'))
order by o.id
limit $3::int

-- name: touch_order
update orders.orders set version = version + 1, updated_at = $2::timestamptz where id = $1::uuid

-- name: insert_order_refund
insert into orders.refund (id, order_id, state, amount, tax, shipping, shipping_tax, adjustment, adjustment_tax, reason, staff_id, staff_name,
    as_credit, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::text, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::text, $11::uuid, $12::text,
    $13::bigint, $14::timestamptz, $14::timestamptz)

-- name: set_refund_gift_card
update orders.refund set gift_card_id = $2::uuid where id = $1::uuid

-- name: insert_refund_lines
insert into orders.refund_line (refund_id, line_id, quantity, amount, tax, unsent)
select $1::uuid, d.line_id, d.quantity, d.amount, d.tax, d.unsent
from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) as d (line_id, quantity, amount, tax, unsent)

-- name: insert_refund_part
insert into orders.refund_part (id, refund_id, position, attempt_id, payment_refund_id, amount, state, updated_at)
values ($1::uuid, $2::uuid, $3::int, $4::uuid, $5::uuid, $6::bigint, 'sent', $7::timestamptz)

-- name: refunds_of_order
select r.id, r.state, r.amount, r.tax, r.shipping, r.adjustment, r.as_credit, r.gift_card_id, r.reason, r.staff_name, r.created_at
from orders.refund r where r.order_id = $1::uuid order by r.created_at, r.id

-- name: refund_lines_of_order
select l.refund_id, l.line_id, l.quantity, l.amount, l.tax, l.unsent
from orders.refund_line l
join orders.refund r on r.id = l.refund_id
where r.order_id = $1::uuid
order by l.refund_id, l.line_id

-- name: refund_parts_of_order
select p.refund_id, p.attempt_id, p.amount, p.state, p.provider_code
from orders.refund_part p
join orders.refund r on r.id = p.refund_id
where r.order_id = $1::uuid
order by p.refund_id, p.position

-- name: find_refund_part
select p.id, p.refund_id, p.attempt_id, p.payment_refund_id, p.amount, p.state, p.sent_at, r.order_id
from orders.refund_part p
join orders.refund r on r.id = p.refund_id
where p.id = $1::uuid

-- name: begin_refund_part
update orders.refund_part set sent_at = $2::timestamptz, updated_at = coalesce($2::timestamptz, updated_at) where id = $1::uuid and state = 'sent'

-- name: settle_refund_part
update orders.refund_part set state = $2::text, provider_code = $3::text, updated_at = $4::timestamptz where id = $1::uuid and state = 'sent'

-- name: settle_refund
update orders.refund r
set state = case when exists (select 1 from orders.refund_part p where p.refund_id = r.id and p.state = 'sent') then 'pending'
                 when exists (select 1 from orders.refund_part p where p.refund_id = r.id and p.state = 'failed') then 'failed'
                 else 'done' end,
    updated_at = $2::timestamptz
where r.id = $1::uuid
returning r.state
