-- name: insert_gift_cards
insert into orders.gift_card (id, order_id, line_id, position, amount, currency, email, recipient, sender, message, send_on, updated_at)
select d.id, $1::uuid, d.line_id, d.position, d.amount, $6::text, d.email, d.recipient, d.sender, d.message, d.send_on::date, $12::timestamptz
from unnest($2::uuid[], $3::uuid[], $4::int[], $5::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
    as d (id, line_id, position, amount, email, recipient, sender, message, send_on)

-- name: has_gift_cards
select exists (select 1 from orders.gift_card g where g.order_id = $1::uuid) as has_some,
    not exists (select 1 from orders.line l where l.order_id = $1::uuid and l.tax_treatment <> 'voucher') as nothing_else

-- name: lock_gift_cards
select g.id, g.line_id, g.position, g.amount, g.currency, g.state, g.email, g.recipient, g.sender, g.message, g.send_on::text as send_on, g.credit_id,
    g.forget
from orders.gift_card g where g.order_id = $1::uuid order by g.line_id, g.position for update

-- name: gift_cards_of_order
select g.id, g.line_id, g.position, g.amount, g.currency, g.state, g.email, g.recipient, g.sender, g.message, g.send_on::text as send_on, g.credit_id, g.forget
from orders.gift_card g where g.order_id = $1::uuid order by g.line_id, g.position

-- name: set_gift_card_paid
update orders.gift_card set state = 'paid', updated_at = $2::timestamptz where id = $1::uuid and state = 'ordered'

-- name: set_gift_card_issued
-- What its buyer wanted forgotten goes with the mail.
update orders.gift_card set state = 'issued', credit_id = $2::uuid, code_hint = $3::text, issued_at = $4::timestamptz, updated_at = $4::timestamptz,
    email = case when forget then '' else email end, recipient = case when forget then '' else recipient end,
    sender = case when forget then '' else sender end, message = case when forget then '' else message end, forget = false
where id = $1::uuid and state = 'paid'

-- name: set_gift_card_withdrawn
update orders.gift_card set state = 'withdrawn', updated_at = $2::timestamptz,
    email = case when forget then '' else email end, recipient = case when forget then '' else recipient end,
    sender = case when forget then '' else sender end, message = case when forget then '' else message end, forget = false
where id = $1::uuid and state <> 'withdrawn'

-- name: orders_with_gift_cards_due
-- Those whose day has come (is_to_be_sent) and whose order looks paid for (is_paid_for). Ids do not change: the next page begins behind the
-- last of this one, whatever could not be sent of it.
select g.order_id
from orders.gift_card g
join orders.orders o on o.id = g.order_id
where g.state = 'paid' and g.send_on <= ($1::timestamptz - interval '7 hours') at time zone 'UTC'
    and o.state not in ('pending_payment', 'cancelled') and o.payment_state in ('paid', 'partially_refunded')
    and ($2::uuid is null or g.order_id > $2::uuid)
group by g.order_id
order by g.order_id
limit $3::int

-- name: lock_gift_cards_of_customer
-- Before anything is read of them: one that is being issued is waited for.
select g.id from orders.gift_card g
join orders.orders o on o.id = g.order_id
where o.customer_id = $1::uuid order by g.line_id, g.position for update of g

-- name: credits_to_forget
select g.credit_id from orders.gift_card g
join orders.orders o on o.id = g.order_id
where o.customer_id = $1::uuid and g.credit_id is not null

-- name: forget_gift_cards
-- Whom they were for is nobody's business once they are sent or will not be. Those that still have to be sent are marked.
update orders.gift_card g set updated_at = $2::timestamptz,
    forget = not d.over, email = case when d.over then '' else g.email end, recipient = case when d.over then '' else g.recipient end,
    sender = case when d.over then '' else g.sender end, message = case when d.over then '' else g.message end
from (select c.id, c.state in ('issued', 'withdrawn') or o.state = 'cancelled' as over
      from orders.gift_card c join orders.orders o on o.id = c.order_id
      where o.customer_id = $1::uuid) d
where g.id = d.id

-- name: forget_unsent_gift_cards
-- Marked ones whose order was given up before it was paid for, or that were over when they were marked.
update orders.gift_card g set email = '', recipient = '', sender = '', message = '', forget = false, updated_at = $1::timestamptz
from orders.orders o
where o.id = g.order_id and g.forget and (o.state = 'cancelled' or g.state in ('issued', 'withdrawn'))
