-- name: insert_gift_cards
insert into orders.gift_card (id, order_id, line_id, position, amount, currency, email, recipient, sender, message, send_on, updated_at)
select d.id, $1::uuid, d.line_id, d.position, d.amount, $6::text, d.email, d.recipient, d.sender, d.message, d.send_on::date, $12::timestamptz
from unnest($2::uuid[], $3::uuid[], $4::int[], $5::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
    as d (id, line_id, position, amount, email, recipient, sender, message, send_on)

-- name: has_gift_cards
select exists (select 1 from orders.gift_card g where g.order_id = $1::uuid) as has_some,
    not exists (select 1 from orders.line l where l.order_id = $1::uuid and l.tax_treatment <> 'voucher') as nothing_else

-- name: lock_gift_cards
select g.id, g.line_id, g.position, g.amount, g.currency, g.state, g.email, g.recipient, g.sender, g.message, g.send_on::text as send_on, g.credit_id
from orders.gift_card g where g.order_id = $1::uuid order by g.line_id, g.position for update

-- name: gift_cards_of_order
select g.id, g.line_id, g.position, g.amount, g.currency, g.state, g.email, g.recipient, g.sender, g.message, g.send_on::text as send_on, g.credit_id
from orders.gift_card g where g.order_id = $1::uuid order by g.line_id, g.position

-- name: set_gift_card_paid
update orders.gift_card set state = 'paid', updated_at = $2::timestamptz where id = $1::uuid and state = 'ordered'

-- name: set_gift_card_issued
update orders.gift_card set state = 'issued', credit_id = $2::uuid, code_hint = $3::text, issued_at = $4::timestamptz, updated_at = $4::timestamptz
where id = $1::uuid and state = 'paid'

-- name: set_gift_card_withdrawn
update orders.gift_card set state = 'withdrawn', updated_at = $2::timestamptz where id = $1::uuid and state <> 'withdrawn'

-- name: orders_with_gift_cards_due
-- Those whose day has come; the first ones first.
select distinct g.order_id from orders.gift_card g where g.state = 'paid' and g.send_on <= $1::date limit $2::int

-- name: forget_gift_cards
-- Whom they were for is nobody's business once they are sent or will not be.
update orders.gift_card g set email = '', recipient = '', sender = '', message = '', updated_at = $2::timestamptz
from orders.orders o
where o.id = g.order_id and o.customer_id = $1::uuid and (g.state in ('issued', 'withdrawn') or o.state = 'cancelled')
