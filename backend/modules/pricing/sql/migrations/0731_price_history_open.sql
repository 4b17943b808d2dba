-- no transaction
-- price_history_by_variant finds the open ones as well: a variant has few rows. With this one, the end of an interval changed every index.
drop index concurrently if exists pricing.price_history_open;
