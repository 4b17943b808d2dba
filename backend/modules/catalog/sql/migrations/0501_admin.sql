-- What the back office lists.
create extension if not exists pg_trgm;
create schema catalog_api;
create view catalog_api.admin_product as
select p.id, p.handle, coalesce(en.name, p.handle) as name, p.brand, p.type_code, p.status, p.category_id, p.tax_class, p.created_at, p.updated_at,
    (select count(*) from catalog.variant v where v.product_id = p.id) as variants
from catalog.product p left join catalog.product_text en on en.product_id = p.id and en.locale = 'en';
create view catalog_api.admin_variant as
select v.id, v.sku, v.barcode, v.product_id, coalesce(en.name, '') as product_name, v.active, v.weight_grams
from catalog.variant v left join catalog.product_text en on en.product_id = v.product_id and en.locale = 'en';
create view catalog_api.admin_category as
select c.id, c.handle, coalesce(en.name, c.handle) as name, c.parent_id, c.position, c.published, c.updated_at
from catalog.category c left join catalog.category_text en on en.category_id = c.id and en.locale = 'en';
create view catalog_api.admin_collection as
select c.id, c.handle, coalesce(en.name, c.handle) as name, c.rule is not null as by_rule, c.position, c.published, c.updated_at
from catalog.collection c left join catalog.collection_text en on en.collection_id = c.id and en.locale = 'en';
create view catalog_api.admin_attribute as
select a.code as id, coalesce(a.names ->> 'en', a.code) as name, a.kind, a.unit, a.filterable, a.searchable, a.visible, a.position
from catalog.attribute a;
create view catalog_api.admin_review as
select r.id, r.product_id, coalesce(en.name, '') as product_name, r.author, r.locale, r.rating, r.title, r.body, r.verified, r.state, r.created_at
from catalog.review r left join catalog.product_text en on en.product_id = r.product_id and en.locale = 'en';
