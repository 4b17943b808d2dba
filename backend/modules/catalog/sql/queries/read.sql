-- name: all_attributes
select code, kind, unit, names::text as names, filterable, searchable, visible, position
from catalog.attribute order by position, code

-- name: all_attribute_values
select a.code as attribute, v.code, v.labels::text as labels, v.colour
from catalog.attribute_value v join catalog.attribute a on a.id = v.attribute_id
order by a.position, a.code, v.position, v.code

-- name: all_types
select t.code, t.names::text as names,
       coalesce(array_agg(a.code order by ta.position) filter (where a.code is not null), '{}') as attributes
from catalog.product_type t
left join catalog.product_type_attribute ta on ta.type_code = t.code
left join catalog.attribute a on a.id = ta.attribute_id
group by t.code order by t.code

-- name: all_categories
select id, handle, parent_id, position, published, image_id, path, updated_at
from catalog.category order by cardinality(path), position, handle

-- name: all_category_texts
select t.category_id as id, t.locale, t.name, '' as subtitle, t.description, t.seo_title, t.seo_description, '' as keywords, coalesce(s.slug, '') as slug
from catalog.category_text t
left join catalog.slug s on s.kind = 'category' and s.entity_id = t.category_id and s.locale = t.locale and s.is_current

-- name: all_collections
select id, handle, position, published, image_id, rule::text as rule, updated_at
from catalog.collection order by position, handle

-- name: all_collection_texts
select t.collection_id as id, t.locale, t.name, '' as subtitle, t.description, t.seo_title, t.seo_description, '' as keywords, coalesce(s.slug, '') as slug
from catalog.collection_text t
left join catalog.slug s on s.kind = 'collection' and s.entity_id = t.collection_id and s.locale = t.locale and s.is_current

-- name: all_collection_products
select collection_id, product_id from catalog.collection_product order by collection_id, position

-- name: structure_assets
select a.id, a.sha256, a.name, a.content_type, a.width, a.height, a.focal_x, a.focal_y, a.background, a.placeholder, a.alt::text as alt
from catalog.asset a
where a.id in (select image_id from catalog.category union select image_id from catalog.collection)

-- name: one_attribute
select code, kind, unit, names::text as names, filterable, searchable, visible, position
from catalog.attribute where code = $1::text

-- name: one_attribute_values
select a.code as attribute, v.code, v.labels::text as labels, v.colour
from catalog.attribute a join catalog.attribute_value v on v.attribute_id = a.id
where a.code = $1::text order by v.position, v.code

-- name: one_category
select id, handle, parent_id, position, published, image_id, path, updated_at
from catalog.category where id = $1::uuid

-- name: one_category_texts
select t.category_id as id, t.locale, t.name, '' as subtitle, t.description, t.seo_title, t.seo_description, '' as keywords, coalesce(s.slug, '') as slug
from catalog.category_text t
left join catalog.slug s on s.kind = 'category' and s.entity_id = t.category_id and s.locale = t.locale and s.is_current
where t.category_id = $1::uuid

-- name: one_collection
select id, handle, position, published, image_id, rule::text as rule, updated_at
from catalog.collection where id = $1::uuid

-- name: one_collection_texts
select t.collection_id as id, t.locale, t.name, '' as subtitle, t.description, t.seo_title, t.seo_description, '' as keywords, coalesce(s.slug, '') as slug
from catalog.collection_text t
left join catalog.slug s on s.kind = 'collection' and s.entity_id = t.collection_id and s.locale = t.locale and s.is_current
where t.collection_id = $1::uuid

-- name: one_collection_products
select collection_id, product_id from catalog.collection_product where collection_id = $1::uuid order by position

-- name: old_slugs
select kind, locale, slug, entity_id from catalog.slug where not is_current

-- name: product_ids
select id from catalog.product where status <> 'archived' order by id

-- name: products
select p.id, p.handle, p.type_code, p.brand, p.category_id, p.tax_class, p.status, p.published_from, p.published_until, p.popularity, p.handling_days, p.created_at,
       p.updated_at,
       array(select a.customer_group from catalog.product_audience a where a.product_id = p.id and a.customer_group is not null) as audience_groups,
       array(select a.company_id from catalog.product_audience a where a.product_id = p.id and a.company_id is not null) as audience_companies
from catalog.product p where p.id = any($1::uuid[]) order by p.id

-- name: product_texts
select t.product_id as id, t.locale, t.name, t.subtitle, t.description, t.seo_title, t.seo_description, t.keywords, coalesce(s.slug, '') as slug
from catalog.product_text t
left join catalog.slug s on s.kind = 'product' and s.entity_id = t.product_id and s.locale = t.locale and s.is_current
where t.product_id = any($1::uuid[])

-- name: product_categories
select product_id, category_id from catalog.product_category where product_id = any($1::uuid[]) order by product_id, position, category_id

-- name: product_options
select o.product_id, a.code from catalog.product_option o join catalog.attribute a on a.id = o.attribute_id
where o.product_id = any($1::uuid[]) order by o.product_id, o.position

-- name: product_attributes
select p.product_id, a.code, p.value_code, p.number_milli, p.texts::text as texts, p.flag
from catalog.product_attribute p join catalog.attribute a on a.id = p.attribute_id
where p.product_id = any($1::uuid[]) order by p.product_id, p.position

-- name: product_media
select product_id, asset_id, options::text as options from catalog.product_media
where product_id = any($1::uuid[]) order by product_id, position

-- name: variants
select id, product_id, sku, barcode, weight_grams, length_mm, width_mm, height_mm, image_id, active, published_from, published_until
from catalog.variant where product_id = any($1::uuid[]) order by product_id, position, sku

-- name: variant_options
select v.product_id, o.variant_id, a.code, o.value_code
from catalog.variant v
join catalog.variant_option o on o.variant_id = v.id
join catalog.attribute a on a.id = o.attribute_id
where v.product_id = any($1::uuid[])

-- name: product_assets
select a.id, a.sha256, a.name, a.content_type, a.width, a.height, a.focal_x, a.focal_y, a.background, a.placeholder, a.alt::text as alt
from catalog.asset a
where a.id in (select asset_id from catalog.product_media where product_id = any($1::uuid[])
               union select image_id from catalog.variant where product_id = any($1::uuid[]))

-- name: product_reviews
select id, product_id, customer_id, author, locale, rating, title, body, verified, state, created_at
from catalog.review where product_id = any($1::uuid[]) and state = 'approved' order by product_id, created_at desc, id desc

-- name: product_by_handle
select id from catalog.product where handle = $1::text

-- name: product_exists
select 1 as known from catalog.product where id = $1::uuid and status <> 'archived'

-- name: product_audience
select array(select a.customer_group from catalog.product_audience a where a.product_id = p.id and a.customer_group is not null) as audience_groups,
       array(select a.company_id from catalog.product_audience a where a.product_id = p.id and a.company_id is not null) as audience_companies
from catalog.product p where p.id = $1::uuid and p.status <> 'archived'

-- name: variants_by_sku
select sku, id, product_id from catalog.variant where sku = any($1::text[])

-- name: variant_infos
select v.id, v.product_id, v.sku, v.weight_grams, v.length_mm, v.width_mm, v.height_mm, p.tax_class, p.brand, p.type_code,
       (p.status = 'active' and v.active
        and (p.published_from is null or p.published_from <= $3::timestamptz) and (p.published_until is null or $3::timestamptz < p.published_until)
        and (v.published_from is null or v.published_from <= $3::timestamptz) and (v.published_until is null or $3::timestamptz < v.published_until)) as sellable,
       coalesce(p.published_from, p.created_at) as published_from,
       coalesce(t.name, te.name, p.handle) as name, coalesce(s.slug, se.slug, p.handle) as slug,
       i.id as image_id, i.sha256, i.name as image_name, i.content_type, i.width, i.height, i.focal_x, i.focal_y, i.background, i.placeholder,
       i.alt::text as alt,
       array(select a.customer_group from catalog.product_audience a where a.product_id = p.id and a.customer_group is not null) as audience_groups,
       array(select a.company_id from catalog.product_audience a where a.product_id = p.id and a.company_id is not null) as audience_companies
from catalog.variant v
join catalog.product p on p.id = v.product_id
left join catalog.product_text t on t.product_id = p.id and t.locale = $2::text
left join catalog.product_text te on te.product_id = p.id and te.locale = 'en'
left join catalog.slug s on s.kind = 'product' and s.entity_id = p.id and s.locale = $2::text and s.is_current
left join catalog.slug se on se.kind = 'product' and se.entity_id = p.id and se.locale = 'en' and se.is_current
left join lateral (select m.asset_id from catalog.product_media m where m.product_id = p.id order by m.position limit 1) first on true
left join catalog.asset i on i.id = coalesce(v.image_id, first.asset_id)
where v.id = any($1::uuid[])

-- name: variant_info_options
select o.variant_id, av.code as value_code, a.code as attribute, av.labels::text as labels
from catalog.variant_option o
join catalog.variant v on v.id = o.variant_id
join catalog.attribute a on a.id = o.attribute_id
join catalog.attribute_value av on av.attribute_id = o.attribute_id and av.code = o.value_code
left join catalog.product_option po on po.product_id = v.product_id and po.attribute_id = o.attribute_id
where o.variant_id = any($1::uuid[]) order by o.variant_id, po.position, a.position

-- name: variant_info_categories
-- As the shop lists it: in a category that is published, with all above it.
select distinct v.id as variant_id, member.id as category_id, c.handle
from catalog.variant v
join catalog.product p on p.id = v.product_id
cross join lateral (
    select unnest(k.path) as id from catalog.category k
    where (k.id = p.category_id or k.id in (select pc.category_id from catalog.product_category pc where pc.product_id = p.id))
      and not exists (select 1 from catalog.category above where above.id = any(k.path) and not above.published)) member
join catalog.category c on c.id = member.id
where v.id = any($1::uuid[])

-- name: variant_info_collections
select v.id as variant_id, cp.collection_id
from catalog.variant v join catalog.collection_product cp on cp.product_id = v.product_id
join catalog.collection c on c.id = cp.collection_id and c.rule is null and c.published
where v.id = any($1::uuid[])

-- name: rule_collections
select id, rule::text as rule from catalog.collection where rule is not null and published

-- name: variant_info_attributes
select distinct p.product_id, a.code, p.position, p.value_code, p.number_milli, p.flag
from catalog.variant v
join catalog.product_attribute p on p.product_id = v.product_id
join catalog.attribute a on a.id = p.attribute_id
where v.id = any($1::uuid[]) and p.texts is null
order by p.product_id, p.position

-- name: variant_info_product_options
-- Each product once, however many of its variants are asked for.
select distinct v2.product_id, a.code, o.value_code
from (select distinct v.product_id from catalog.variant v where v.id = any($1::uuid[])) p
join catalog.variant v2 on v2.product_id = p.product_id and v2.active
     and (v2.published_from is null or v2.published_from <= $2::timestamptz) and (v2.published_until is null or v2.published_until > $2::timestamptz)
join catalog.variant_option o on o.variant_id = v2.id
join catalog.attribute a on a.id = o.attribute_id

-- name: reviews_of_customer
select r.id, r.product_id, r.customer_id, r.author, r.locale, r.rating, r.title, r.body, r.verified, r.state, r.created_at,
       coalesce(t.name, te.name, '') as product_name, coalesce(s.slug, se.slug, '') as product_slug
from catalog.review r
left join catalog.product_text t on t.product_id = r.product_id and t.locale = $2::text
left join catalog.product_text te on te.product_id = r.product_id and te.locale = 'en'
left join catalog.slug s on s.kind = 'product' and s.entity_id = r.product_id and s.locale = $2::text and s.is_current
left join catalog.slug se on se.kind = 'product' and se.entity_id = r.product_id and se.locale = 'en' and se.is_current
where r.customer_id = $1::uuid order by r.created_at desc, r.id desc limit 200
