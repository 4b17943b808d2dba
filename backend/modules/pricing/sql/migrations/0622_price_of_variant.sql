-- no transaction
-- The back office lists the prices of a variant, the newest first.
create index concurrently if not exists price_variant on pricing.price (variant_id, id desc);
