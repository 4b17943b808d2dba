-- name: add_tags
insert into storefront.pending_tag (tag, mode, due_at, first_due_at, position, first_position)
select d.tag, $2::text, $3::timestamptz, $3::timestamptz, $4::bigint, $4::bigint from unnest($1::text[]) as d (tag) order by d.tag
on conflict (tag) do update set due_at = greatest(storefront.pending_tag.due_at, excluded.due_at),
    position = greatest(storefront.pending_tag.position, excluded.position),
    version = storefront.pending_tag.version + 1,
    mode = case when excluded.mode = 'price' then 'price' else storefront.pending_tag.mode end

-- name: due_tags
--- Those that every read model has seen. A tag that changes all the time is sent eight seconds after it was due first, as far as it is seen;
--- and after a minute each is, and again a minute later, while a read model does not follow.
with seen as materialized (
    select coalesce(min(r.position), 9223372036854775807) as position
    from storefront.catalogue_reader r where r.seen_at > $1::timestamptz - interval '15 seconds'
)
select t.tag, t.mode, t.version, t.position <= seen.position as is_seen
from storefront.pending_tag t cross join seen
where (t.due_at <= $1::timestamptz and t.position <= seen.position)
    or (t.first_due_at <= $1::timestamptz - interval '8 seconds' and t.first_position <= seen.position)
    or t.first_due_at <= $1::timestamptz - interval '60 seconds'
order by t.first_due_at
limit $2::int

-- name: remove_tags
delete from storefront.pending_tag t
using unnest($1::text[], $2::bigint[]) as d (tag, version)
where t.tag = d.tag and t.version = d.version

-- name: wait_again
--- Those that changed while they were sent, or that not every read model has seen.
update storefront.pending_tag t set first_due_at = greatest(t.due_at, $2::timestamptz), first_position = t.position
where t.tag = any($1::text[])

-- name: report_reader
insert into storefront.catalogue_reader (name, position, seen_at) values ($1::text, $2::bigint, $3::timestamptz)
on conflict (name) do update set position = excluded.position, seen_at = excluded.seen_at

-- name: remove_readers
--- This one, and those that ended without a word long ago.
delete from storefront.catalogue_reader r where r.name = $1::text or r.seen_at < $2::timestamptz - interval '1 hour'

-- name: product_of_variants
select distinct v.product_id from catalog.variant v where v.id = any($1::uuid[])

-- name: products_of_list
select distinct v.product_id from pricing.price p join catalog.variant v on v.id = p.variant_id where p.list_id = $1::uuid
