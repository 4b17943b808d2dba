-- no transaction
create index concurrently if not exists product_text_name_parts on catalog.product_text using gin (name gin_trgm_ops);
create index concurrently if not exists product_handle_parts on catalog.product using gin (handle gin_trgm_ops);
create index concurrently if not exists variant_sku_parts on catalog.variant using gin (sku gin_trgm_ops);
create index concurrently if not exists product_status on catalog.product (status, id);
create index concurrently if not exists review_state on catalog.review (state, id);
