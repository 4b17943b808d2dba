-- no transaction
create index concurrently if not exists slug_old on catalog.slug (kind, entity_id) where not is_current;
create index concurrently if not exists product_audience_product on catalog.product_audience (product_id);
