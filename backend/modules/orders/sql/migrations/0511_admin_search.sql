-- no transaction
create index concurrently if not exists orders_email_parts on orders.orders using gin (email_folded gin_trgm_ops);
create index concurrently if not exists orders_number_parts on orders.orders using gin (number gin_trgm_ops);
create index concurrently if not exists orders_state on orders.orders (state, id);
create index concurrently if not exists orders_payment_state on orders.orders (payment_state, id);
