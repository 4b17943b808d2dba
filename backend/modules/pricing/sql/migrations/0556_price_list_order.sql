-- no transaction
create index concurrently if not exists price_list_order on pricing.price (list_id, id desc);
