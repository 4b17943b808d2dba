-- no transaction
create index concurrently if not exists orders_state on orders.orders (state, placed_at desc, id desc);
create index concurrently if not exists orders_number_prefix on orders.orders (number text_pattern_ops);
create index concurrently if not exists orders_email_prefix on orders.orders (email_folded text_pattern_ops, placed_at desc);
create index concurrently if not exists orders_last_name on orders.orders
    (lower(shipping_address ->> 'last_name') text_pattern_ops, placed_at desc);
create index concurrently if not exists orders_full_name on orders.orders
    (lower((shipping_address ->> 'first_name') || ' ' || (shipping_address ->> 'last_name')) text_pattern_ops, placed_at desc);
-- Ids are made in the order of time.
create index concurrently if not exists line_sku on orders.line (upper(sku), order_id desc);
