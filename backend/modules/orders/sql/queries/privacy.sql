-- name: export_orders
select o.number, o.placed_at, o.state, o.payment_state, o.payment_label, o.email, o.phone, o.total, o.currency,
    o.shipping_address::text as shipping_address, o.billing_address::text as billing_address,
    coalesce((select json_agg(json_build_object('sku', l.sku, 'name', l.name, 'options', l.options_text, 'quantity', l.quantity,
        'total', json_build_object('amount', l.total, 'currency', o.currency)) order by l.position)
        from orders.line l where l.order_id = o.id), '[]')::text as lines
from orders.orders o where o.customer_id = $1::uuid
order by o.placed_at desc, o.id desc

-- name: export_returns
select r.number, o.number as order_number, r.state, r.requested_at, r.comment, r.answer,
    coalesce((select json_agg(json_build_object('sku', l.sku, 'quantity', t.quantity, 'reason', t.reason, 'comment', t.comment) order by l.position)
        from orders.return_line t join orders.line l on l.id = t.line_id where t.return_id = r.id), '[]')::text as lines
from orders.orders o join orders.return_request r on r.order_id = o.id
where o.customer_id = $1::uuid
order by r.requested_at desc, r.id desc

-- name: part_orders_from_customer
update orders.orders set customer_id = null, owner_hash = null, updated_at = $2::timestamptz, version = version + 1,
    phone = case when state in ('delivered', 'completed', 'cancelled') then '' else phone end,
    shipping_address = case when state in ('delivered', 'completed', 'cancelled') then shipping_address - 'phone' else shipping_address end,
    billing_address = case when state in ('delivered', 'completed', 'cancelled') then billing_address - 'phone' else billing_address end
where customer_id = $1::uuid
