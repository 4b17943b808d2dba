-- no transaction
-- price_list_order begins with the same column.
drop index concurrently if exists pricing.price_by_list;
