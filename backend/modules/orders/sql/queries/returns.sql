-- name: next_return_number
select 'R-' || nextval('orders.return_number_seq')::text as number

-- name: return_terms
select p.days, coalesce(
    (select max(t.at) from orders.timeline t where t.order_id = $1::uuid and t.kind = 'delivered'),
    (select max(t.at) from orders.timeline t where t.order_id = $1::uuid and t.kind = 'shipped'),
    (select o.confirmed_at from orders.orders o where o.id = $1::uuid)) as since,
    exists (select 1 from orders.orders o where o.id = $1::uuid and o.replaces_return_id is not null) as is_replacement
from orders.return_policy p

-- name: return_excluded
select e.product_id, e.reason
from orders.return_exclusion e
where e.product_id in (select l.product_id from orders.line l where l.order_id = $1::uuid)

-- name: units_in_returns
select l.line_id,
    coalesce(sum(case when r.state in ('requested', 'approved') then l.quantity when r.state in ('received', 'refunded', 'closed') then l.received
                 end), 0)::bigint as taken,
    coalesce(sum(case when r.state in ('requested', 'approved') then l.quantity when r.state = 'received' then l.received - l.refunded end), 0)::bigint as open
from orders.return_line l
join orders.return_request r on r.id = l.return_id
where r.order_id = $1::uuid
group by l.line_id

-- name: insert_return
insert into orders.return_request (id, number, order_id, state, comment, requested_at, updated_at)
values ($1::uuid, $2::text, $3::uuid, 'requested', $4::text, $5::timestamptz, $5::timestamptz)

-- name: insert_return_lines
insert into orders.return_line (return_id, line_id, quantity, reason, comment, exchange_variant_id, exchange_sku, exchange_text)
select $1::uuid, d.line_id, d.quantity, d.reason, d.comment, d.exchange_variant_id, d.exchange_sku, d.exchange_text
from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[])
    as d (line_id, quantity, reason, comment, exchange_variant_id, exchange_sku, exchange_text)

-- name: lock_return
select r.id, r.order_id, r.state from orders.return_request r where r.id = $1::uuid for update

-- name: order_of_return
select r.order_id from orders.return_request r where r.id = $1::uuid

-- name: set_return_state
update orders.return_request
set state = $2::text, answer = case when $3::text <> '' then $3::text else answer end,
    decided_at = case when $2::text in ('approved', 'rejected') then $4::timestamptz else decided_at end,
    received_at = case when $2::text = 'received' then coalesce(received_at, $4::timestamptz) else received_at end,
    refund_id = coalesce($5::uuid, refund_id), updated_at = $4::timestamptz
where id = $1::uuid

-- name: receive_return_lines
update orders.return_line l set received = d.received, condition = d.condition, restocked = d.restocked,
    warehouse_id = case when d.received > 0 then d.warehouse_id end
from unnest($2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::uuid[]) as d (line_id, received, condition, restocked, warehouse_id)
where l.return_id = $1::uuid and l.line_id = d.line_id

-- name: returns_of_order
select r.id, r.number, r.order_id, r.state, r.comment, r.answer, r.requested_at, r.decided_at, r.received_at, r.refund_id, o.number as order_number,
    (select f.amount from orders.refund f where f.id = r.refund_id) as refunded,
    (select f.created_at from orders.refund f where f.id = r.refund_id) as refunded_at, o.currency, o.email,
    r.replacement_order_id, (select n.number from orders.orders n where n.id = r.replacement_order_id) as replacement_number,
    (select n.placed_at from orders.orders n where n.id = r.replacement_order_id) as replaced_at
from orders.return_request r
join orders.orders o on o.id = r.order_id
where r.order_id = $1::uuid
order by r.requested_at, r.id

-- name: return_lines_of_order
select l.return_id, l.line_id, l.quantity, l.reason, l.comment, l.received, l.condition, l.restocked, i.name, i.options_text, i.sku,
    i.image::text as image, l.exchange_variant_id, l.exchange_sku, l.exchange_text, l.exchanged, l.refunded, l.warehouse_id,
    i.variant_id
from orders.return_line l
join orders.return_request r on r.id = l.return_id
join orders.line i on i.id = l.line_id
where r.order_id = $1::uuid
order by l.return_id, i.position

-- name: list_returns
select r.id, r.number, r.state, r.requested_at, o.id as order_id, o.number as order_number, o.email,
    (select sum(l.quantity) from orders.return_line l where l.return_id = r.id)::bigint as units,
    (select count(*) from orders.return_photo p where p.return_id = r.id and not p.dropped)::bigint as photos,
    exists (select 1 from orders.return_line l where l.return_id = r.id and l.exchange_variant_id is not null) as has_exchange
from orders.return_request r
join orders.orders o on o.id = r.order_id
where ($1::text is null or r.state = $1::text) and ($2::timestamptz is null or (r.requested_at, r.id) < ($2::timestamptz, $3::uuid))
    and ($5::text is null or starts_with(upper(r.number), upper($5::text)) or starts_with(upper(o.number), upper($5::text))
        or starts_with(o.email_folded, lower($5::text)) or r.id = any($6::uuid[]))
order by r.requested_at desc, r.id desc
limit $4::int

-- name: count_returns
select r.state, count(*)::bigint as count from orders.return_request r where r.state in ('requested', 'approved', 'received') group by r.state

-- name: insert_return_photo
insert into orders.return_photo (id, order_id, key, width, height, created_at)
values ($1::uuid, $2::uuid, $3::text, $4::int, $5::int, $6::timestamptz)

-- name: count_waiting_photos
select count(*)::bigint as count from orders.return_photo p where p.order_id = $1::uuid and p.return_id is null and not p.dropped

-- name: claim_return_photos
update orders.return_photo p set return_id = $1::uuid, position = d.position::int
from unnest($3::uuid[]) with ordinality as d (id, position)
where p.id = d.id and p.order_id = $2::uuid and p.return_id is null and not p.dropped

-- name: photos_of_order
select p.id, p.return_id, p.width, p.height from orders.return_photo p
where p.order_id = $1::uuid and p.return_id is not null and not p.dropped order by p.return_id, p.position

-- name: find_return_photo
select p.key from orders.return_photo p where p.id = $1::uuid and p.return_id = $2::uuid and not p.dropped

-- name: forget_return_photos
update orders.return_photo p set forgotten = true
from orders.orders o where o.id = p.order_id and o.customer_id = $1::uuid and not p.forgotten

-- name: drop_photos
-- Whatever nobody named within its time, and what is forgotten unless its return is still open; and again those of a run that died.
-- One that is claimed in this moment stays.
update orders.return_photo p set dropped = true
where p.id in (select w.id from orders.return_photo w where w.return_id is null and w.created_at < $1::timestamptz
               union
               select w.id from orders.return_photo w
               where (w.forgotten or w.dropped)
                 and (w.dropped or not exists (select 1 from orders.return_request r
                                               where r.id = w.return_id and r.state in ('requested', 'approved', 'received')))
               limit 500)
  and (p.return_id is null or p.forgotten or p.dropped)
returning p.id, p.key

-- name: delete_dropped_photos
delete from orders.return_photo p where p.id = any($1::uuid[]) and p.dropped

-- name: order_is_replacement
select o.replaces_return_id is not null as is_replacement from orders.orders o where o.id = $1::uuid

-- name: set_replaces
update orders.orders set replaces_return_id = $2::uuid where id = $1::uuid

-- name: set_replacement
update orders.return_request set replacement_order_id = $2::uuid, updated_at = $3::timestamptz where id = $1::uuid

-- name: exchange_return_lines
update orders.return_line set exchanged = received - refunded
where return_id = $1::uuid and exchange_variant_id is not null and received > refunded

-- name: refund_return_lines
update orders.return_line set refunded = received - exchanged where return_id = $1::uuid

-- name: return_of_replacement
select r.id from orders.return_request r where r.replacement_order_id = $1::uuid

-- name: give_up_exchange
update orders.return_line set exchanged = 0 where return_id = $1::uuid

-- name: refund_facts
select f.id, f.order_id, f.state, f.amount, f.shipping, f.adjustment, o.currency,
    (select r.number from orders.return_request r where r.refund_id = f.id) as return_number,
    (select count(*) from orders.refund_part p where p.refund_id = f.id)::bigint as parts
from orders.refund f
join orders.orders o on o.id = f.order_id
where f.id = $1::uuid

-- name: refund_facts_lines
select l.quantity, l.amount, i.name, i.options_text
from orders.refund_line l join orders.line i on i.id = l.line_id
where l.refund_id = $1::uuid order by i.position

-- name: refund_facts_parts
select p.attempt_id, p.amount from orders.refund_part p where p.refund_id = $1::uuid and p.state = 'done' order by p.position

-- name: read_return_policy
select p.days, p.version, e.product_id, e.reason
from orders.return_policy p
left join orders.return_exclusion e on true
order by e.product_id

-- name: set_return_days
-- Its row is locked from here on: of two editors who looked at the same version one comes second.
update orders.return_policy set days = $1::int, version = version + 1 where version = $2::bigint

-- name: exclude_from_returns
insert into orders.return_exclusion (product_id, reason)
select d.product_id, d.reason from unnest($1::uuid[], $2::text[]) as d (product_id, reason)
on conflict (product_id) do update set reason = excluded.reason

-- name: keep_return_exclusions
delete from orders.return_exclusion where product_id <> all($1::uuid[])

-- name: returns_that_never_came
select r.id
from orders.return_request r
cross join orders.return_policy p
where r.state = 'approved' and r.decided_at < $1::timestamptz - make_interval(days => p.days + $2::int) and ($3::uuid is null or r.id > $3::uuid)
order by r.id
limit $4::int
