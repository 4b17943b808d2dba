-- Many past orders, straight into the tables of a shop that only measures: psql -v orders=1000000 -f bench/office-orders.sql
-- Two years of them, the newest now; two lines each; 20,000 customers; states as a shop has them.
\set ON_ERROR_STOP on
begin;
create function pg_temp.id_at(at timestamptz, n bigint) returns uuid language sql immutable as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid
$$;
insert into customers.customer (id, email, email_key, first_name, last_name, locale, created_at, updated_at)
select pg_temp.id_at(now() - interval '2 years', n), 'customer' || n || '@example.test', 'customer' || n || '@example.test',
    (array['Ana', 'Bea', 'Carl', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana'])[n % 8 + 1],
    (array['Ruiz', 'Lindqvist', 'Maier', 'Jansen', 'Dupont', 'Smith', 'Novak', 'Rossi'])[n / 8 % 8 + 1] || n % 997,
    'en', now() - interval '2 years', now()
from generate_series(1, 20000) as n on conflict do nothing;

create temporary table made on commit drop as
select n, pg_temp.id_at(at, n) as id, at, pg_temp.id_at(now() - interval '2 years', c) as customer_id, c,
    case when n > :orders - 400 then 'confirmed' when n > :orders - 700 then 'processing' when n > :orders - 4000 then 'shipped'
        when n > :orders - 12000 then 'delivered' when n % 25 = 0 then 'cancelled' when n % 9973 = 0 then 'pending_payment' else 'completed' end as state,
    500 + (n * 7919::bigint) % 40000 as price
from (select n, now() - (:orders - n) * (interval '2 years' / :orders) as at, (1 + (n * 104729::bigint) % 20000)::int as c
      from generate_series(1, :orders) as n) as placed;

insert into orders.orders (id, number, customer_id, email, email_folded, state, payment_state, currency, locale, country, tax_included, subtotal,
    discount, shipping, tax, total, shipping_address, billing_address, shipping_method, payment_method, payment_label, placed_at, confirmed_at,
    updated_at)
select m.id, 'S-' || 1000000 + m.n, case when m.n % 3 > 0 then m.customer_id end, 'customer' || m.c || '@example.test',
    'customer' || m.c || '@example.test', m.state,
    case when m.state = 'cancelled' then 'refunded' when m.state = 'pending_payment' then 'pending' when m.n % 50 = 1 then 'partially_refunded'
        when m.n % 4999 = 2 then 'failed' else 'paid' end,
    (array['EUR', 'EUR', 'EUR', 'GBP'])[m.n % 4 + 1], 'en', (array['DE', 'NL', 'FR', 'GB'])[m.n % 4 + 1], true, m.price * 3, 0, 490,
    (m.price * 3 + 490) * 19 / 119, m.price * 3 + 490, a.address, a.address, '{"method_name":"Standard"}', 'card', 'Visa 1111', m.at, m.at, m.at
from made m,
    lateral (select jsonb_build_object('first_name', (array['Ana', 'Bea', 'Carl', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana'])[m.c % 8 + 1], 'last_name',
        (array['Ruiz', 'Lindqvist', 'Maier', 'Jansen', 'Dupont', 'Smith', 'Novak', 'Rossi'])[m.c / 8 % 8 + 1] || m.c % 997, 'line1', 'Torstr. 1',
        'postal_code', '10115', 'city', 'Berlin', 'country', 'DE') as address) as a;

insert into orders.line (id, order_id, position, variant_id, product_id, sku, name, quantity, unit_price, discount, total, net, tax,
    tax_basis_points, tax_treatment)
select pg_temp.id_at(m.at, m.n * 2 + p), m.id, p, pg_temp.id_at(m.at, 1), pg_temp.id_at(m.at, 2), 'SKU-' || (m.n * 31 + p) % 200000, 'A thing',
    p + 1, m.price, 0, m.price * (p + 1), m.price * (p + 1) * 100 / 119, m.price * (p + 1) - m.price * (p + 1) * 100 / 119, 1900, 'standard'
from made m, generate_series(0, 1) as p;

insert into orders.tag (order_id, tag, placed_at)
select m.id, (array['gift', 'vip', 'rings-first'])[m.n % 3 + 1], m.at from made m where m.n % 97 = 0;
commit;
vacuum analyze;
