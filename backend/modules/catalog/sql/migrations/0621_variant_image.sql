-- no transaction
create index concurrently if not exists variant_by_image on catalog.variant (image_id) where image_id is not null;
