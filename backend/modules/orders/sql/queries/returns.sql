-- name: next_return_number
select 'R-' || nextval('orders.return_number_seq')::text as number

-- name: return_terms
select p.days, coalesce(
    (select max(t.at) from orders.timeline t where t.order_id = $1::uuid and t.kind = 'delivered'),
    (select max(t.at) from orders.timeline t where t.order_id = $1::uuid and t.kind = 'shipped'),
    (select o.confirmed_at from orders.orders o where o.id = $1::uuid)) as since
from orders.return_policy p

-- name: return_excluded
select e.product_id, e.reason
from orders.return_exclusion e
where e.product_id in (select l.product_id from orders.line l where l.order_id = $1::uuid)

-- name: units_in_returns
select l.line_id,
    coalesce(sum(case when r.state in ('requested', 'approved') then l.quantity when r.state in ('received', 'refunded', 'closed') then l.received
                 end), 0)::bigint as taken,
    coalesce(sum(case when r.state in ('requested', 'approved') then l.quantity when r.state = 'received' then l.received end), 0)::bigint as open
from orders.return_line l
join orders.return_request r on r.id = l.return_id
where r.order_id = $1::uuid
group by l.line_id

-- name: insert_return
insert into orders.return_request (id, number, order_id, state, comment, requested_at, updated_at)
values ($1::uuid, $2::text, $3::uuid, 'requested', $4::text, $5::timestamptz, $5::timestamptz)

-- name: insert_return_lines
insert into orders.return_line (return_id, line_id, quantity, reason, comment)
select $1::uuid, d.line_id, d.quantity, d.reason, d.comment
from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[]) as d (line_id, quantity, reason, comment)

-- name: lock_return
select r.id, r.order_id, r.state from orders.return_request r where r.id = $1::uuid for update

-- name: order_of_return
select r.order_id from orders.return_request r where r.id = $1::uuid

-- name: set_return_state
update orders.return_request
set state = $2::text, answer = case when $3::text <> '' then $3::text else answer end,
    decided_at = case when $2::text in ('approved', 'rejected') then $4::timestamptz else decided_at end,
    received_at = case when $2::text = 'received' then $4::timestamptz else received_at end,
    refund_id = coalesce($5::uuid, refund_id), updated_at = $4::timestamptz
where id = $1::uuid

-- name: receive_return_lines
update orders.return_line l set received = d.received, condition = d.condition, restocked = d.restocked
from unnest($2::uuid[], $3::bigint[], $4::text[], $5::bigint[]) as d (line_id, received, condition, restocked)
where l.return_id = $1::uuid and l.line_id = d.line_id

-- name: returns_of_order
select r.id, r.number, r.order_id, r.state, r.comment, r.answer, r.requested_at, r.decided_at, r.received_at, r.refund_id, o.number as order_number,
    (select f.amount from orders.refund f where f.id = r.refund_id) as refunded, o.currency
from orders.return_request r
join orders.orders o on o.id = r.order_id
where r.order_id = $1::uuid
order by r.requested_at, r.id

-- name: return_lines_of_order
select l.return_id, l.line_id, l.quantity, l.reason, l.comment, l.received, l.condition, l.restocked, i.name, i.options_text, i.sku
from orders.return_line l
join orders.return_request r on r.id = l.return_id
join orders.line i on i.id = l.line_id
where r.order_id = $1::uuid
order by l.return_id, i.position

-- name: list_returns
select r.id, r.number, r.state, r.requested_at, o.id as order_id, o.number as order_number, o.email,
    (select sum(l.quantity) from orders.return_line l where l.return_id = r.id)::bigint as units
from orders.return_request r
join orders.orders o on o.id = r.order_id
where ($1::text is null or r.state = $1::text) and ($2::timestamptz is null or (r.requested_at, r.id) < ($2::timestamptz, $3::uuid))
order by r.requested_at desc, r.id desc
limit $4::int

-- name: read_return_policy
select p.days, e.product_id, e.reason
from orders.return_policy p
left join orders.return_exclusion e on true
order by e.product_id

-- name: set_return_days
update orders.return_policy set days = $1::int

-- name: exclude_from_returns
insert into orders.return_exclusion (product_id, reason)
select d.product_id, d.reason from unnest($1::uuid[], $2::text[]) as d (product_id, reason)
on conflict (product_id) do update set reason = excluded.reason

-- name: keep_return_exclusions
delete from orders.return_exclusion where product_id <> all($1::uuid[])
