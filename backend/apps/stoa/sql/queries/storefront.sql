-- name: add_tags
insert into storefront.pending_tag (tag, mode, due_at)
select d.tag, $2::text, $3::timestamptz from unnest($1::text[]) as d (tag) order by d.tag
on conflict (tag) do update set due_at = greatest(storefront.pending_tag.due_at, excluded.due_at),
    mode = case when excluded.mode = 'price' then 'price' else storefront.pending_tag.mode end

-- name: due_tags
select t.tag, t.mode, t.due_at from storefront.pending_tag t where t.due_at <= $1::timestamptz order by t.due_at limit $2::int

-- name: remove_tags
delete from storefront.pending_tag t
using unnest($1::text[], $2::timestamptz[]) as d (tag, due_at)
where t.tag = d.tag and t.due_at = d.due_at

-- name: product_of_variants
select distinct v.product_id from catalog.variant v where v.id = any($1::uuid[])

-- name: products_of_list
select distinct v.product_id from pricing.price p join catalog.variant v on v.id = p.variant_id where p.list_id = $1::uuid
