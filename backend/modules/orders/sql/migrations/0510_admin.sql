-- What the back office lists.
create extension if not exists pg_trgm;
create schema orders_api;
create view orders_api.admin_order as
select o.id, o.number, o.customer_id, o.email, o.state, o.payment_state, o.currency, o.total, o.country, o.channel, o.payment_label, o.placed_at,
    o.updated_at
from orders.orders o;
