-- name: insert_edit
insert into orders.edit (id, order_id, difference, tax_difference, changes, reason, staff_id, staff_name, created_at)
values ($1::uuid, $2::uuid, $3::bigint, $4::bigint, $5::jsonb, $6::text, $7::uuid, $8::text, $9::timestamptz)

-- name: change_order
update orders.orders
set subtotal = $2::bigint, discount = $3::bigint, shipping = $4::bigint, tax = $5::bigint, total = $6::bigint,
    shipping_address = coalesce($7::jsonb, shipping_address), billing_address = coalesce($8::jsonb, billing_address),
    shipping_method = coalesce($9::jsonb, shipping_method), email = coalesce($10::text, email), email_folded = coalesce(lower($10::text), email_folded),
    version = version + 1, updated_at = $11::timestamptz
where id = $1::uuid

-- name: remember_address
insert into orders.address (email_folded) values (lower($1::text)) on conflict do nothing

-- name: invoice_of_order
select d.number from orders.document d where d.order_id = $1::uuid and d.kind = 'invoice' order by d.issued_at desc, d.id desc limit 1

-- name: change_lines
update orders.line l
set quantity = d.quantity, discount = d.discount, total = d.total, net = d.net, tax = d.tax
from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) as d (id, quantity, discount, total, net, tax)
where l.order_id = $1::uuid and l.id = d.id

-- name: next_line_position
select coalesce(max(position), -1) + 1 as position from orders.line where order_id = $1::uuid

-- name: drop_lines
delete from orders.line where order_id = $1::uuid and id <> all($2::uuid[])

-- name: drop_tax_lines
delete from orders.tax_line where order_id = $1::uuid

-- name: discounts_to_change
select d.position, d.amount from orders.discount d where d.order_id = $1::uuid order by d.position

-- name: change_discounts
update orders.discount c set amount = d.amount
from unnest($2::int[], $3::bigint[]) as d (position, amount)
where c.order_id = $1::uuid and c.position = d.position

-- name: add_discount
insert into orders.discount (order_id, position, label, code, amount)
select $1::uuid, coalesce(max(d.position), -1) + 1, $2::text, null, $3::bigint from orders.discount d where d.order_id = $1::uuid

-- name: write_tax_lines
insert into orders.tax_line (order_id, position, basis_points, treatment, reason, net, tax)
select $1::uuid, d.position, d.basis_points, d.treatment, d.reason, d.net, d.tax
from unnest($2::int[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]) as d (position, basis_points, treatment, reason, net, tax)
