-- What the forms of the resources show: the views belong to the modules that own the rows.
-- name: category_by_handle
select id from catalog_api.admin_category where handle = $1::text

-- name: collection_by_handle
select id from catalog_api.admin_collection where handle = $1::text

-- name: find_review
select product_id, author, locale, rating, title, body, verified, state
from catalog_api.admin_review where id = $1::uuid

-- name: find_customer
select email, first_name, last_name, phone, locale, verified, created_at, groups, company_id
from customers_api.admin_customer where id = $1::uuid

-- name: find_customer_group
select id, name, members from customers_api.admin_group where id = $1::text

-- name: part_number_sku
select sku from catalog_api.admin_part_number where id = $1::uuid

-- name: find_promotion
select name, labels::text as labels, kind, automatic, enabled, lane, exclusive_group, starts_at, ends_at, usage_limit,
    customer_limit, rules::text as rules, codes, used_count, archived
from promotions_api.admin_promotion where id = $1::uuid

-- name: find_stock
select s.variant_id, s.warehouse_id, s.sku, v.product_name as product, w.name as warehouse, s.on_hand, s.held, s.allocated, s.available,
    s.backorder_policy, s.backorder_limit, s.expected_on, s.owed, s.pledged
from inventory_api.admin_stock s
join inventory_api.admin_warehouse w on w.id = s.warehouse_id
left join catalog_api.admin_variant v on v.id = s.variant_id
where s.id = $1::uuid

-- name: find_price_list
select code, name, currency, tax_included, export_net, enabled, priority, channel, customer_group, company_id, valid_from, valid_until
from pricing_api.admin_price_list where id = $1::uuid

-- name: find_tax_rate
select country, tax_class, valid_from, basis_points, treatment, valid_until
from pricing_api.admin_tax_rate where id = $1::text

-- name: promotion_by_name
select id from promotions_api.admin_promotion where name = $1::text

-- name: find_redirect
select r.locale, r.slug, r.code from content_api.admin_redirect r where r.locale = $1::text and r.slug = $2::text

-- name: find_page
select kind, published, published_from, published_until, position, texts::text as texts
from content_api.admin_page where id = $1::text

-- name: find_synonym
select locale, words from search_api.admin_synonym where id = $1::uuid

-- name: find_rule
select kind, nullif(locale, '') as locale, nullif(query, '') as query, category_id, per_cent, nullif(target, '') as target,
    position, active, valid_from, valid_until, products::text[] as products
from search_api.admin_rule where id = $1::uuid

-- name: find_legal_entity
select name, contact_name, email, phone, line1, line2, postal_code, city, state, country, vat_id, tax_number, registration, iban, bic,
    account_name, payment_days, issue_on, vat_currency
from orders_api.admin_legal_entity where id = $1::text

-- name: find_vat_rate
select id, vat_currency, currency, day, rate, source, valid_days from orders_api.admin_vat_rate where id = $1::uuid

-- name: vat_rate_of_day
select id from orders_api.admin_vat_rate where vat_currency = $1::text and currency = $2::text and day = $3::date

-- name: find_product_type
select names::text as names, attributes from catalog_api.admin_product_type where id = $1::text

-- name: find_price
select p.list_id, p.currency, p.variant_id, v.sku, v.product_name as product, p.tier_quantities::text[] as tier_quantities,
       p.tier_amounts::text[] as tier_amounts, p.valid_from, p.valid_until
from pricing_api.admin_price p left join catalog_api.admin_variant v on v.id = p.variant_id where p.id = $1::uuid

-- name: names_of_prices
select p.id, coalesce(v.sku || ' ' || v.product_name, p.variant_id::text) || ', ' || l.name as name
from pricing_api.admin_price p
join pricing_api.admin_price_list l on l.id = p.list_id
left join catalog_api.admin_variant v on v.id = p.variant_id
where p.id = any($1::uuid[])

-- name: variants_of_products
select v.id from catalog_api.admin_variant v where v.product_id = any($1::uuid[]) order by v.id

-- name: find_promotion_code
select c.promotion_id, c.code, c.enabled, c.expires_at, c.usage_limit, c.used_count from promotions_api.admin_code c where c.id = $1::uuid

-- name: price_of
select id from pricing_api.admin_price
where list_id = $1::uuid and variant_id = $2::uuid and valid_from is not distinct from $3::timestamptz

-- name: list_currency
select currency from pricing_api.admin_price_list where id = $1::uuid

-- name: find_variant
select v.sku, coalesce(v.barcode, '') as barcode, v.product_id, v.weight_grams::bigint as weight_grams, v.active, c.hs_code,
    c.origin_country::text as origin_country
from catalog_api.admin_variant v left join shipping_api.admin_customs c on c.variant_id = v.id
where v.id = $1::uuid

-- name: variant_by_sku
select v.id from catalog_api.admin_variant v where v.sku = $1::text

-- name: variant_exists
select exists (select from catalog_api.admin_variant where id = $1::uuid) as found

-- name: find_asset
select name, sha256, content_type, width, height, focal_x, focal_y, background, placeholder, alt::text as alt, src
from catalog_api.admin_asset where id = $1::uuid
