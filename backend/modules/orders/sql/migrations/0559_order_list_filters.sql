-- no transaction
-- 0511 meant (state, id) and found its name taken by another index. The list of all orders goes by id within a state or a range of totals.
create index concurrently if not exists orders_state_id on orders.orders (state, id);
create index concurrently if not exists orders_total_id on orders.orders (total, id);
