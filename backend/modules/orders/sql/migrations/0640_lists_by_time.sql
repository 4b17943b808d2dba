-- no transaction
-- The list of all orders goes by when they were placed, within a state, a payment, both, or a range of totals; a state's index, (state,
-- placed_at, id), is there already. With the indexes by id gone, an order is written into one index fewer than before.
create index concurrently if not exists orders_payment_placed on orders.orders (payment_state, placed_at desc, id desc);
create index concurrently if not exists orders_both_placed on orders.orders (state, payment_state, placed_at desc, id desc);
-- What else is filtered by stands beside, so that a month of one state above some total is counted without reading its orders.
create index concurrently if not exists orders_by_time on orders.orders (placed_at desc, id desc) include (state, payment_state, total);
drop index concurrently if exists orders.orders_placed;
create index concurrently if not exists orders_by_total on orders.orders (total, placed_at desc, id desc) include (state, payment_state);
drop index concurrently if exists orders.orders_payment_state;
drop index concurrently if exists orders.orders_both_states;
drop index concurrently if exists orders.orders_total_id;
drop index concurrently if exists orders.orders_state_id;
-- With the id, what begins with an address is found without reading the orders.
create index concurrently if not exists orders_email_begins on orders.orders (email_folded text_pattern_ops, placed_at desc, id desc);
drop index concurrently if exists orders.orders_email_prefix;
-- The newest order of each name in turn, without sorting those of one name.
create index concurrently if not exists orders_last_name_newest on orders.orders
    (lower(shipping_address ->> 'last_name') text_pattern_ops, placed_at desc, id desc);
drop index concurrently if exists orders.orders_last_name;
create index concurrently if not exists orders_full_name_newest on orders.orders
    (lower((shipping_address ->> 'first_name') || ' ' || (shipping_address ->> 'last_name')) text_pattern_ops, placed_at desc, id desc);
drop index concurrently if exists orders.orders_full_name;
