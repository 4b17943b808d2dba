-- name: desk_all
select o.id, o.number, o.placed_at, o.state, o.payment_state, o.total, o.currency, o.email, o.country,
    (o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name') as name,
    (select sum(l.quantity) from orders.line l where l.order_id = o.id)::bigint as item_count,
    array(select t.tag from orders.tag t where t.order_id = o.id order by t.tag) as tags
from orders.orders o
where (o.placed_at, o.id) < ($1::timestamptz, $2::uuid)
order by o.placed_at desc, o.id desc limit $3::int

-- name: desk_by_state
select o.id, o.number, o.placed_at, o.state, o.payment_state, o.total, o.currency, o.email, o.country,
    (o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name') as name,
    (select sum(l.quantity) from orders.line l where l.order_id = o.id)::bigint as item_count,
    array(select t.tag from orders.tag t where t.order_id = o.id order by t.tag) as tags
from orders.orders o
where o.state = $4::text and (o.placed_at, o.id) < ($1::timestamptz, $2::uuid)
order by o.placed_at desc, o.id desc limit $3::int

-- name: desk_by_tag
select o.id, o.number, o.placed_at, o.state, o.payment_state, o.total, o.currency, o.email, o.country,
    (o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name') as name,
    (select sum(l.quantity) from orders.line l where l.order_id = o.id)::bigint as item_count,
    array(select t.tag from orders.tag t where t.order_id = o.id order by t.tag) as tags
from (select g.order_id, g.placed_at from orders.tag g
      where g.tag = $4::text and (g.placed_at, g.order_id) < ($1::timestamptz, $2::uuid)
      order by g.placed_at desc, g.order_id desc limit $3::int) found
join orders.orders o on o.id = found.order_id
order by o.placed_at desc, o.id desc

-- name: desk_by_tag_and_state
select o.id, o.number, o.placed_at, o.state, o.payment_state, o.total, o.currency, o.email, o.country,
    (o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name') as name,
    (select sum(l.quantity) from orders.line l where l.order_id = o.id)::bigint as item_count,
    array(select t.tag from orders.tag t where t.order_id = o.id order by t.tag) as tags
from (select g.order_id from orders.tag g
      join orders.orders s on s.id = g.order_id and s.state = $5::text
      where g.tag = $4::text and (g.placed_at, g.order_id) < ($1::timestamptz, $2::uuid)
      order by g.placed_at desc, g.order_id desc limit $3::int) found
join orders.orders o on o.id = found.order_id
order by o.placed_at desc, o.id desc

-- name: desk_found
select o.id, o.number, o.placed_at, o.state, o.payment_state, o.total, o.currency, o.email, o.country,
    (o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name') as name,
    (select sum(l.quantity) from orders.line l where l.order_id = o.id)::bigint as item_count,
    array(select t.tag from orders.tag t where t.order_id = o.id order by t.tag) as tags
from orders.orders o
where o.id = any($4::uuid[]) and ($5::text is null or o.state = $5::text)
    and ($6::text is null or exists (select 1 from orders.tag t where t.order_id = o.id and t.tag = $6::text))
    and (o.placed_at, o.id) < ($1::timestamptz, $2::uuid)
order by o.placed_at desc, o.id desc limit $3::int

-- name: search_number
-- A prefix as a range, so that a plan made without knowing the text uses the index as well; nothing sorts behind chr(1114111).
select o.id from orders.orders o where o.number ~>=~ $1::text and o.number ~<~ ($1::text || chr(1114111))
order by o.number using ~>~ limit $2::int

-- name: search_email
-- All that fit are looked at, and the newest behind the cursor are found: the list goes on where it ended, however many there are. What is
-- materialized is read by its own index, and by that alone where nothing else is asked; in one statement with the order by, the planner may walk
-- all orders by time instead.
with found as materialized (
    select o.id, o.placed_at from orders.orders o
    where o.email_folded ~>=~ lower($1::text) and o.email_folded ~<~ (lower($1::text) || chr(1114111))
        and ($5::text is null or o.state = $5::text)
        and ($6::text is null or exists (select 1 from orders.tag t where t.order_id = o.id and t.tag = $6::text)))
select f.id from found f where (f.placed_at, f.id) < ($3::timestamptz, $4::uuid) order by f.placed_at desc, f.id desc limit $2::int

-- name: search_last_name
-- Many orders may have names that begin so, and reading them all takes long. The newest N orders belong to the N names whose newest order is
-- newest, and none of them is older than the Nth of those: the names are walked one by one in their index, 5,000 of them at most.
with recursive name (name) as (
    (select lower(o.shipping_address ->> 'last_name') from orders.orders o
     where lower(o.shipping_address ->> 'last_name') ~>=~ lower($1::text)
         and lower(o.shipping_address ->> 'last_name') ~<~ (lower($1::text) || chr(1114111))
     order by lower(o.shipping_address ->> 'last_name') using ~<~ limit 1)
    union all
    select (select lower(o.shipping_address ->> 'last_name') from orders.orders o
            where lower(o.shipping_address ->> 'last_name') ~>~ n.name
                and lower(o.shipping_address ->> 'last_name') ~<~ (lower($1::text) || chr(1114111))
            order by lower(o.shipping_address ->> 'last_name') using ~<~ limit 1)
    from name n where n.name is not null),
newest as materialized (
    select n.name, l.placed_at, l.id from (select name from name where name is not null limit 5000) n cross join lateral (
        select o.placed_at, o.id from orders.orders o
        where lower(o.shipping_address ->> 'last_name') = n.name and (o.placed_at, o.id) < ($3::timestamptz, $4::uuid)
            and ($5::text is null or o.state = $5::text)
            and ($6::text is null or exists (select 1 from orders.tag t where t.order_id = o.id and t.tag = $6::text))
        order by o.placed_at desc, o.id desc limit 1) l
    order by l.placed_at desc, l.id desc limit $2::int),
since as materialized (
    select case when count(*) < $2::int then '-infinity' else min(w.placed_at) end as placed_at from newest w),
found as materialized (
    select l.placed_at, l.id from since, newest w cross join lateral (
        select o.placed_at, o.id from orders.orders o
        where lower(o.shipping_address ->> 'last_name') = w.name and o.placed_at >= since.placed_at and (o.placed_at, o.id) < ($3::timestamptz, $4::uuid)
            and ($5::text is null or o.state = $5::text)
            and ($6::text is null or exists (select 1 from orders.tag t where t.order_id = o.id and t.tag = $6::text))
        order by o.placed_at desc, o.id desc limit $2::int) l)
select f.id from found f order by f.placed_at desc, f.id desc limit $2::int

-- name: search_full_name
with recursive name (name) as (
    (select lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) from orders.orders o
     where lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) ~>=~ lower($1::text)
         and lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) ~<~ (lower($1::text) || chr(1114111))
     order by lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) using ~<~ limit 1)
    union all
    select (select lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) from orders.orders o
            where lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) ~>~ n.name
                and lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) ~<~ (lower($1::text) || chr(1114111))
            order by lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) using ~<~ limit 1)
    from name n where n.name is not null),
newest as materialized (
    select n.name, l.placed_at, l.id from (select name from name where name is not null limit 5000) n cross join lateral (
        select o.placed_at, o.id from orders.orders o
        where lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) = n.name and (o.placed_at, o.id) < ($3::timestamptz, $4::uuid)
            and ($5::text is null or o.state = $5::text)
            and ($6::text is null or exists (select 1 from orders.tag t where t.order_id = o.id and t.tag = $6::text))
        order by o.placed_at desc, o.id desc limit 1) l
    order by l.placed_at desc, l.id desc limit $2::int),
since as materialized (
    select case when count(*) < $2::int then '-infinity' else min(w.placed_at) end as placed_at from newest w),
found as materialized (
    select l.placed_at, l.id from since, newest w cross join lateral (
        select o.placed_at, o.id from orders.orders o
        where lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')) = w.name and o.placed_at >= since.placed_at and (o.placed_at, o.id) < ($3::timestamptz, $4::uuid)
            and ($5::text is null or o.state = $5::text)
            and ($6::text is null or exists (select 1 from orders.tag t where t.order_id = o.id and t.tag = $6::text))
        order by o.placed_at desc, o.id desc limit $2::int) l)
select f.id from found f order by f.placed_at desc, f.id desc limit $2::int

-- name: few_in_state
select count(*) <= 5000 as few from (select 1 from orders.orders o where o.state = $1::text limit 5001) counted

-- name: search_names_in_state
-- Of a state that few orders are in, each is looked at: the names of all the others are not.
select o.id from orders.orders o
where o.state = $5::text and (o.placed_at, o.id) < ($3::timestamptz, $4::uuid)
    and ($6::text is null or exists (select 1 from orders.tag t where t.order_id = o.id and t.tag = $6::text))
    and (starts_with(lower(o.shipping_address ->> 'last_name'), lower($1::text))
        or starts_with(lower((o.shipping_address ->> 'first_name') || ' ' || (o.shipping_address ->> 'last_name')), lower($1::text)))
order by o.placed_at desc, o.id desc limit $2::int

-- name: search_sku
select l.order_id as id from orders.line l where upper(l.sku) = upper($1::text) order by l.order_id desc limit $2::int

-- name: desk_head
select o.id, o.version, o.phone, o.customer_id, o.channel, o.source, o.confirmed_at, o.cancelled_at,
    array(select t.tag from orders.tag t where t.order_id = o.id order by t.tag) as tags,
    r.id as return_id, r.number as return_number, b.id as before_id, b.number as before_number
from orders.orders o
left join orders.return_request r on r.id = o.replaces_return_id
left join orders.orders b on b.id = r.order_id
where o.id = $1::uuid

-- name: desk_timeline
select t.at, t.kind, t.data::text as data from orders.timeline t where t.order_id = $1::uuid order by t.id

-- name: desk_notes
select n.id, n.at, n.author, n.body from orders.note n where n.order_id = $1::uuid order by n.id

-- name: add_note
insert into orders.note (order_id, at, staff_id, author, body) values ($1::uuid, $2::timestamptz, $3::uuid, $4::text, $5::text)

-- name: clear_tags
delete from orders.tag where order_id = $1::uuid and tag <> all($2::text[])

-- name: add_tags
insert into orders.tag (order_id, tag, placed_at)
select o.id, d.tag, o.placed_at from orders.orders o cross join unnest($2::text[]) as d (tag) where o.id = $1::uuid
on conflict (order_id, tag) do nothing

-- name: drop_tag
delete from orders.tag where order_id = $1::uuid and tag = $2::text

-- name: lines_to_send
select l.id, l.order_id, l.variant_id, l.sku, l.name, l.options_text, l.quantity, l.weight_grams, l.net, l.position,
    coalesce(c.unsent, 0)::bigint as unsent, coalesce(c.refunded, 0)::bigint as refunded
from orders.line l
left join lateral (
    select sum(r.unsent) as unsent, sum(r.quantity) as refunded from orders.refund_line r where r.line_id = l.id) c on true
where l.order_id = any($1::uuid[]) and l.tax_treatment <> 'voucher' order by l.order_id, l.position

-- name: address_to_send
select o.id, o.number, o.email, o.phone, o.currency, o.shipping_address::text as shipping_address, o.shipping_method::text as shipping_method
from orders.orders o where o.id = $1::uuid

-- name: withhold_refunded
-- Units that were refunded while they were under way, and are here again: of the latest refunds first.
with room as (
    select r.refund_id, r.line_id, r.quantity - r.unsent as free, d.units,
        sum(r.quantity - r.unsent) over (partition by r.line_id order by r.refund_id desc) - (r.quantity - r.unsent) as before
    from unnest($1::uuid[], $2::bigint[]) as d (line_id, units)
    join orders.refund_line r on r.line_id = d.line_id)
update orders.refund_line l set unsent = l.unsent + least(room.free, room.units - room.before)
from room
where l.refund_id = room.refund_id and l.line_id = room.line_id and room.before < room.units and room.free > 0

-- name: orders_to_ship
select o.id, o.payment_state from orders.orders o where o.id = any($1::uuid[]) and o.state in ('confirmed', 'processing')
