-- no transaction
-- The list of products goes by id within a type, a brand or a category.
create index concurrently if not exists product_by_brand on catalog.product (brand, id);
create index concurrently if not exists product_by_type on catalog.product (type_code, id);
create index concurrently if not exists product_by_category on catalog.product (category_id, id);
drop index concurrently if exists catalog.product_type_code;
drop index concurrently if exists catalog.product_category_id;
