-- name: add_tags
insert into storefront.pending_tag (tag, mode, due_at, first_due_at)
select d.tag, $2::text, $3::timestamptz, $3::timestamptz from unnest($1::text[]) as d (tag) order by d.tag
on conflict (tag) do update set due_at = greatest(storefront.pending_tag.due_at, excluded.due_at),
    version = storefront.pending_tag.version + 1,
    mode = case when excluded.mode = 'price' then 'price' else storefront.pending_tag.mode end

-- name: due_tags
--- A tag that changes all the time is sent eight seconds after it was due first.
select t.tag, t.mode, t.version from storefront.pending_tag t
where t.due_at <= $1::timestamptz or t.first_due_at <= $1::timestamptz - interval '8 seconds'
order by t.first_due_at
limit $2::int

-- name: remove_tags
delete from storefront.pending_tag t
using unnest($1::text[], $2::bigint[]) as d (tag, version)
where t.tag = d.tag and t.version = d.version

-- name: wait_again
--- Those that changed while they were sent.
update storefront.pending_tag t set first_due_at = t.due_at where t.tag = any($1::text[])

-- name: product_of_variants
select distinct v.product_id from catalog.variant v where v.id = any($1::uuid[])

-- name: products_of_list
select distinct v.product_id from pricing.price p join catalog.variant v on v.id = p.variant_id where p.list_id = $1::uuid
