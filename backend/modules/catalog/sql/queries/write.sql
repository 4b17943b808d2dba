-- name: attribute_for_update
select id, kind from catalog.attribute where code = $1::text for update

-- name: upsert_attribute
insert into catalog.attribute as a (id, code, kind, unit, names, filterable, searchable, visible, position)
values ($1::uuid, $2::text, $3::text, $4::text, $5::jsonb, $6::boolean, $7::boolean, $8::boolean, $9::integer)
on conflict (code) do update set unit = excluded.unit, names = excluded.names, filterable = excluded.filterable,
    searchable = excluded.searchable, visible = excluded.visible, position = excluded.position, updated_at = now()

-- name: remove_attribute_values
delete from catalog.attribute_value where attribute_id = $1::uuid and not (code = any($2::text[]))

-- name: upsert_attribute_values
insert into catalog.attribute_value (attribute_id, code, labels, colour, position)
select $1::uuid, code, labels::jsonb, colour, (row_number() over (order by place))::integer - 1
from unnest($2::text[], $3::text[], $4::text[]) with ordinality as v (code, labels, colour, place)
on conflict (attribute_id, code) do update set labels = excluded.labels, colour = excluded.colour, position = excluded.position

-- name: attributes_by_code
select a.id, a.code, a.kind, coalesce(array_agg(v.code order by v.position) filter (where v.code is not null), '{}') as values
from catalog.attribute a left join catalog.attribute_value v on v.attribute_id = a.id
where a.code = any($1::text[]) group by a.id

-- name: type_attributes
select a.code from catalog.product_type_attribute ta join catalog.attribute a on a.id = ta.attribute_id where ta.type_code = $1::text

-- name: type_exists
select 1 as found from catalog.product_type where code = $1::text

-- name: upsert_type
insert into catalog.product_type (code, names) values ($1::text, $2::jsonb)
on conflict (code) do update set names = excluded.names

-- name: replace_type_attributes
with gone as (delete from catalog.product_type_attribute where type_code = $1::text and not (attribute_id = any($2::uuid[])))
insert into catalog.product_type_attribute (type_code, attribute_id, position)
select $1::text, id, place::integer - 1 from unnest($2::uuid[]) with ordinality as a (id, place)
on conflict (type_code, attribute_id) do update set position = excluded.position

-- name: upsert_asset
with old as (
    select content_type, width, height, focal_x, focal_y, background, placeholder, alt from catalog.asset where sha256 = $2::text and name = $3::text
)
insert into catalog.asset as a (id, sha256, name, content_type, width, height, focal_x, focal_y, background, placeholder, alt)
values ($1::uuid, $2::text, $3::text, $4::text, $5::integer, $6::integer, $7::integer, $8::integer, $9::text, $10::text, $11::jsonb)
on conflict (sha256, name) do update set content_type = excluded.content_type, width = excluded.width, height = excluded.height,
    focal_x = excluded.focal_x, focal_y = excluded.focal_y, background = excluded.background, placeholder = excluded.placeholder, alt = excluded.alt
returning a.id, exists (select 1 from old o
    where (o.content_type, o.width, o.height, o.focal_x, o.focal_y, o.background, o.placeholder, o.alt)
          is distinct from (a.content_type, a.width, a.height, a.focal_x, a.focal_y, a.background, a.placeholder, a.alt)) as is_changed

-- name: asset_products
select m.product_id from catalog.product_media m where m.asset_id = $1::uuid
union
select v.product_id from catalog.variant v where v.image_id = $1::uuid
order by product_id

-- name: asset_pages
select 'category_id' as member, 'category' as kind, c.id from catalog.category c where c.image_id = $1::uuid
union all
select 'collection_id', 'collection', c.id from catalog.collection c where c.image_id = $1::uuid
order by kind, id

-- name: category_by_handle
select id from catalog.category where handle = $1::text

-- name: category_path
select path from catalog.category where id = $1::uuid for share

-- name: upsert_category
insert into catalog.category as c (id, handle, parent_id, path, position, published, image_id)
values ($1::uuid, $2::text, $3::uuid, $4::uuid[], $5::integer, $6::boolean, $7::uuid)
on conflict (handle) do update set parent_id = excluded.parent_id, position = excluded.position, published = excluded.published,
    image_id = excluded.image_id, updated_at = now()

-- name: rebuild_paths
with recursive tree as (
    select c.id, $2::uuid[] as path from catalog.category c where c.id = $1::uuid
    union all
    select c.id, t.path || c.id from catalog.category c join tree t on c.parent_id = t.id)
update catalog.category c set path = t.path from tree t where t.id = c.id and c.path is distinct from t.path

-- name: replace_category_texts
with gone as (delete from catalog.category_text where category_id = $1::uuid and not (locale = any($2::text[])))
insert into catalog.category_text (category_id, locale, name, description, seo_title, seo_description)
select $1::uuid, locale, name, description, seo_title, seo_description
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as t (locale, name, description, seo_title, seo_description)
on conflict (category_id, locale) do update set name = excluded.name, description = excluded.description,
    seo_title = excluded.seo_title, seo_description = excluded.seo_description

-- name: collection_by_handle
select id from catalog.collection where handle = $1::text

-- name: upsert_collection
insert into catalog.collection as c (id, handle, position, published, image_id, rule)
values ($1::uuid, $2::text, $3::integer, $4::boolean, $5::uuid, $6::jsonb)
on conflict (handle) do update set position = excluded.position, published = excluded.published, image_id = excluded.image_id,
    rule = excluded.rule, updated_at = now()

-- name: replace_collection_texts
with gone as (delete from catalog.collection_text where collection_id = $1::uuid and not (locale = any($2::text[])))
insert into catalog.collection_text (collection_id, locale, name, description, seo_title, seo_description)
select $1::uuid, locale, name, description, seo_title, seo_description
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as t (locale, name, description, seo_title, seo_description)
on conflict (collection_id, locale) do update set name = excluded.name, description = excluded.description,
    seo_title = excluded.seo_title, seo_description = excluded.seo_description

-- name: remove_collection_products
delete from catalog.collection_product where collection_id = $1::uuid

-- name: add_collection_products
insert into catalog.collection_product (collection_id, product_id, position)
select $1::uuid, id, place::integer - 1 from unnest($2::uuid[]) with ordinality as p (id, place)

-- name: list_in_collection
insert into catalog.collection_product (collection_id, product_id, position)
select $1::uuid, $2::uuid, coalesce((select max(p.position) + 1 from catalog.collection_product p where p.collection_id = $1::uuid), 0)
on conflict (collection_id, product_id) do nothing

-- name: take_out_of_collection
delete from catalog.collection_product where collection_id = $1::uuid and product_id = $2::uuid

-- name: current_slugs
-- Who has one of these, in any of these languages, and in which it has texts: in the others it borrows its English slug.
select s.locale, s.slug, s.entity_id,
    array(select o.locale from catalog.slug o where o.kind = s.kind and o.entity_id = s.entity_id and o.is_current) as locales
from (select distinct unnest($3::text[]) as slug) w
cross join unnest($2::text[]) as l (locale)
join catalog.slug s on s.kind = $1::text and s.locale = l.locale and s.slug = w.slug
where s.is_current

-- name: retire_slugs
update catalog.slug set is_current = false
where kind = $1::text and entity_id = $2::uuid and is_current
  and (locale, slug) not in (select locale, slug from unnest($3::text[], $4::text[]) as w (locale, slug))

-- name: put_slugs
insert into catalog.slug as s (kind, locale, slug, entity_id, is_current)
select $1::text, locale, slug, $2::uuid, true from unnest($3::text[], $4::text[]) as w (locale, slug)
on conflict (kind, locale, slug) do update set entity_id = excluded.entity_id, is_current = true
where not s.is_current or s.entity_id = excluded.entity_id
returning s.locale

-- name: upsert_product
insert into catalog.product as p (id, handle, type_code, brand, category_id, tax_class, status, published_from, published_until, popularity, handling_days)
values ($1::uuid, $2::text, $3::text, $4::text, $5::uuid, $6::text, $7::text, $8::timestamptz, $9::timestamptz, $10::bigint, $11::integer)
on conflict (handle) do update set type_code = excluded.type_code, brand = excluded.brand, category_id = excluded.category_id,
    tax_class = excluded.tax_class, status = excluded.status, published_from = excluded.published_from, published_until = excluded.published_until,
    popularity = excluded.popularity, handling_days = excluded.handling_days, updated_at = now()

-- name: replace_product_texts
with gone as (delete from catalog.product_text where product_id = $1::uuid and not (locale = any($2::text[])))
insert into catalog.product_text (product_id, locale, name, subtitle, description, seo_title, seo_description, keywords)
select $1::uuid, locale, name, subtitle, description, seo_title, seo_description, keywords
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    as t (locale, name, subtitle, description, seo_title, seo_description, keywords)
on conflict (product_id, locale) do update set name = excluded.name, subtitle = excluded.subtitle, description = excluded.description,
    seo_title = excluded.seo_title, seo_description = excluded.seo_description, keywords = excluded.keywords

-- name: replace_product_categories
with gone as (delete from catalog.product_category where product_id = $1::uuid and not (category_id = any($2::uuid[])))
insert into catalog.product_category (product_id, category_id, position)
select $1::uuid, id, place::integer - 1 from unnest($2::uuid[]) with ordinality as c (id, place)
on conflict (product_id, category_id) do update set position = excluded.position

-- name: replace_product_options
with gone as (delete from catalog.product_option where product_id = $1::uuid and not (attribute_id = any($2::uuid[])))
insert into catalog.product_option (product_id, attribute_id, position)
select $1::uuid, id, place::integer - 1 from unnest($2::uuid[]) with ordinality as o (id, place)
on conflict (product_id, attribute_id) do update set position = excluded.position

-- name: remove_product_attributes
delete from catalog.product_attribute where product_id = $1::uuid

-- name: add_product_attributes
insert into catalog.product_attribute (product_id, attribute_id, position, value_code, number_milli, texts, flag)
select $1::uuid, attribute_id, place::integer - 1, value_code, number_milli, texts::jsonb, flag
from unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::boolean[]) with ordinality
    as a (attribute_id, value_code, number_milli, texts, flag, place)

-- name: remove_product_media
delete from catalog.product_media where product_id = $1::uuid

-- name: add_product_media
insert into catalog.product_media (product_id, position, asset_id, options)
select $1::uuid, place::integer - 1, asset_id, options::jsonb
from unnest($2::uuid[], $3::text[]) with ordinality as m (asset_id, options, place)

-- name: deactivate_variants
update catalog.variant set active = false where product_id = $1::uuid and not (sku = any($2::text[])) and active

-- name: skus_elsewhere
select v.sku from catalog.variant v join catalog.product p on p.id = v.product_id
where v.sku = any($1::text[]) and p.handle <> $2::text

-- name: upsert_variants
insert into catalog.variant as v (id, product_id, sku, barcode, position, weight_grams, length_mm, width_mm, height_mm, image_id, active, published_from, published_until)
select id, $1::uuid, sku, barcode, place::integer - 1, weight_grams, length_mm, width_mm, height_mm, image_id, active, published_from, published_until
from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::uuid[], $10::boolean[], $11::timestamptz[], $12::timestamptz[])
    with ordinality as w (id, sku, barcode, weight_grams, length_mm, width_mm, height_mm, image_id, active, published_from, published_until, place)
on conflict (sku) do update set barcode = excluded.barcode, position = excluded.position, weight_grams = excluded.weight_grams,
    length_mm = excluded.length_mm, width_mm = excluded.width_mm, height_mm = excluded.height_mm, image_id = excluded.image_id,
    active = excluded.active, published_from = excluded.published_from, published_until = excluded.published_until
where v.product_id = excluded.product_id
returning v.sku

-- name: remove_variant_options
delete from catalog.variant_option o using catalog.variant v where v.id = o.variant_id and v.product_id = $1::uuid

-- name: add_variant_options
insert into catalog.variant_option (variant_id, attribute_id, value_code)
select v.id, o.attribute_id, o.value_code
from unnest($2::text[], $3::uuid[], $4::text[]) as o (sku, attribute_id, value_code)
join catalog.variant v on v.sku = o.sku and v.product_id = $1::uuid

-- name: set_product_status
update catalog.product set status = $2::text, updated_at = now() where id = $1::uuid

-- name: add_review
insert into catalog.review (id, product_id, customer_id, author, locale, rating, title, body, verified, state)
select $1::uuid, p.id, $3::uuid, $4::text, $5::text, $6::integer, $7::text, $8::text, $9::boolean, $10::text
from catalog.product p where p.id = $2::uuid and p.status = 'active'
on conflict (product_id, customer_id) where customer_id is not null do nothing

-- name: review_exists
select 1 as found from catalog.review where product_id = $1::uuid and customer_id = $2::uuid

-- name: put_review
insert into catalog.review (id, product_id, customer_id, author, locale, rating, title, body, verified, state, created_at)
values ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::integer, $7::text, $8::text, $9::boolean, $10::text, $11::timestamptz)
on conflict (id) do update set author = excluded.author, locale = excluded.locale, rating = excluded.rating, title = excluded.title,
    body = excluded.body, verified = excluded.verified, state = excluded.state, created_at = excluded.created_at

-- name: moderate_review
update catalog.review set state = $2::text where id = $1::uuid and state <> $2::text returning product_id

-- name: forget_reviewer
update catalog.review set customer_id = null, author = '–' where customer_id = $1::uuid returning id, product_id

-- name: review_by_id
select id, product_id, customer_id, author, locale, rating, title, body, verified, state, created_at from catalog.review where id = $1::uuid

-- name: clear_audience
delete from catalog.product_audience where product_id = $1::uuid

-- name: put_audience
insert into catalog.product_audience (product_id, customer_group, company_id)
select distinct $1::uuid, g.name, null::uuid from unnest($2::text[]) as g (name)
union all
select distinct $1::uuid, null::text, c.id from unnest($3::uuid[]) as c (id)

-- name: touch_product
update catalog.product set updated_at = now() where id = $1::uuid
