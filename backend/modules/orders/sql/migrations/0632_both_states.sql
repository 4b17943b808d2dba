-- no transaction
-- A list by state and payment of which few or none have both would walk all that have the one.
create index concurrently if not exists orders_both_states on orders.orders (state, payment_state, id);
