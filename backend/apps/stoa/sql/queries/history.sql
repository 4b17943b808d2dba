-- name: history_source
select s.id, s.content_hash, s.rows_read, s.rows_rejected, s.finished_at from history.source s where s.code = $1::text

-- name: history_source_for_update
select s.id, s.rows_read, s.rows_rejected from history.source s where s.code = $1::text for update

-- name: start_history
insert into history.source (code, content_hash, started_at, updated_at) values ($1::text, $2::text, $3::timestamptz, $3::timestamptz)
on conflict (code) do nothing

-- name: advance_history
update history.source set rows_read = $3::bigint, rows_rejected = rows_rejected + $4::bigint, updated_at = $5::timestamptz
where id = $1::smallint and rows_read = $2::bigint

-- name: finish_history
update history.source set finished_at = $2::timestamptz, updated_at = $2::timestamptz where id = $1::smallint and finished_at is null

-- name: history_documents
select d.number, coalesce(d.customer_ref, '') as customer_ref, d.country_name from history.document d where d.source_id = $1::smallint

-- name: put_history_documents
insert into history.document as h (source_id, number, kind, customer_id, customer_ref, country_name, country, at)
select $1::smallint, d.number, d.kind, d.customer_id, d.customer_ref, d.country_name, d.country, d.at
from unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
    as d (number, kind, customer_id, customer_ref, country_name, country, at)
on conflict (source_id, number) do update set at = least(h.at, excluded.at),
    kind = case when h.kind = 'sale' or excluded.kind = 'sale' then 'sale' else h.kind end

-- name: history_rejected
select r.row_number, r.reason, r.content from history.rejected_row r where r.source_id = $1::smallint order by r.row_number

-- name: history_known_products
select p.handle from catalog.product p where p.handle = any($1::text[])

-- name: history_first_warehouse
select w.id from inventory.warehouse w order by w.priority, w.id limit 1

-- name: history_unstocked
-- Goods without a stock row, with what they sold in the last days of the file less what came back. Never less than nothing.
with last as (select max(l.at) as at from history.line l where l.source_id = $1::smallint)
select v.id as variant_id, greatest(0, coalesce(sum(l.quantity), 0))::bigint as on_hand
from catalog.variant v
left join history.line l on l.source_id = $1::smallint and l.sku = v.sku and l.kind in ('sale', 'cancellation')
    and l.at > (select last.at from last) - make_interval(days => $3::int)
where v.sku = any($2::text[]) and not exists (select 1 from inventory.stock s where s.variant_id = v.id)
group by v.id

-- name: verify_rows
select 'rows' as key, count(*)::text as value from history_api.line l where l.source = $1::text
union all select 'first', to_json(to_char(min(l.at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'))::text from history_api.line l where l.source = $1::text
union all select 'last', to_json(to_char(max(l.at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'))::text from history_api.line l where l.source = $1::text
union all select 'trading_days', count(distinct (l.at at time zone 'UTC')::date)::text from history_api.line l where l.source = $1::text
union all select 'duplicate_rows', (count(*) - count(distinct (l.document_number, l.code, l.description, l.quantity, l.at, l.unit_price_milli, l.customer_ref, l.country_name)))::text
    from history_api.line l where l.source = $1::text

-- name: verify_counts
with l as (select * from history_api.line where source = $1::text),
counted as (
    select count(distinct document_number) as invoices_all,
        count(distinct document_number) filter (where kind in ('sale', 'unpriced', 'write_off')) as invoices_sale,
        count(*) filter (where kind in ('sale', 'unpriced', 'write_off')) as rows_sale,
        count(distinct document_number) filter (where kind = 'cancellation') as invoices_cancellation,
        count(*) filter (where kind = 'cancellation') as rows_cancellation,
        count(distinct document_number) filter (where kind = 'adjustment') as invoices_adjustment,
        count(*) filter (where kind = 'adjustment') as rows_adjustment,
        count(distinct customer_ref) as customers_all,
        count(*) filter (where customer_ref is null) as rows_without_customer,
        count(distinct code) as stockcodes_raw,
        count(distinct sku) as stockcodes_upper,
        count(distinct description) filter (where description <> '') as descriptions_raw,
        count(*) filter (where description = '') as rows_without_description,
        count(distinct country_name) as countries,
        count(*) filter (where quantity < 0) as rows_negative_quantity,
        count(*) filter (where kind = 'write_off') as rows_negative_quantity_not_cancellation,
        count(*) filter (where unit_price_milli = 0) as rows_zero_price,
        count(*) filter (where unit_price_milli < 0) as rows_negative_price,
        coalesce(sum(value_milli), 0) as sum_value_all_thousandths,
        count(*) filter (where kind = 'sale') as sale_lines,
        count(distinct document_number) filter (where kind = 'sale') as sale_invoices,
        count(distinct customer_ref) filter (where kind = 'sale') as sale_customers,
        coalesce(sum(quantity) filter (where kind = 'sale'), 0) as sale_units,
        coalesce(sum(value_milli) filter (where kind = 'sale'), 0) as sale_value_thousandths,
        coalesce(sum(value_milli) filter (where kind = 'sale' and customer_ref is not null), 0) as sale_value_with_customer_thousandths,
        count(*) filter (where kind = 'cancellation') as cancel_lines,
        coalesce(sum(value_milli) filter (where kind = 'cancellation'), 0) as cancel_value_thousandths,
        coalesce(sum(quantity) filter (where kind = 'cancellation'), 0) as cancel_units,
        coalesce(sum(value_milli) filter (where kind in ('sale', 'cancellation')), 0) as net_value_thousandths,
        count(*) filter (where kind = 'sale' and goods) as goods_lines,
        count(distinct document_number) filter (where kind = 'sale' and goods) as goods_invoices,
        coalesce(sum(value_milli) filter (where kind = 'sale' and goods), 0) as goods_value_thousandths,
        coalesce(sum(quantity) filter (where kind = 'sale' and goods), 0) as goods_units,
        count(distinct sku) filter (where kind = 'sale' and goods) as goods_skus,
        count(distinct customer_ref) filter (where kind = 'sale' and goods) as goods_customers,
        count(distinct document_number) filter (where kind = 'sale' and goods) as baskets,
        count(distinct document_number) filter (where kind = 'sale' and sku = 'DOT') as dot_invoices
    from l
)
select e.key, e.value::text from counted, json_each(row_to_json(counted)) e
union all select 'no_customer_sale', json_build_array(count(*), count(distinct document_number), coalesce(sum(value_milli), 0))::text from l where kind = 'sale' and customer_ref is null

-- name: verify_groups
with l as (
    select *, at at time zone 'UTC' as t from history_api.line where source = $1::text
), spread as (
    select g.part, g.name, count(*) as lines, count(distinct l.document_number) as invoices, count(distinct l.customer_ref) as customers, sum(l.quantity) as units, sum(l.value_milli) as value
    from l
    cross join lateral (values ('by_month_sale', to_char(l.t, 'YYYY-MM')), ('by_weekday_sale', to_char(l.t, 'ID')), ('by_hour_sale', to_char(l.t, 'HH24')),
                               ('by_country_sale', l.country_name), ('by_month_cancel', to_char(l.t, 'YYYY-MM'))) g (part, name)
    where l.kind = case when g.part = 'by_month_cancel' then 'cancellation' else 'sale' end
    group by g.part, g.name
)
select part as key, json_object_agg(name, json_build_array(value, units, invoices, customers, lines) order by name)::text as value from spread where part <> 'by_country_sale' group by part
union all select part, json_agg(json_build_array(name, value, units, invoices, customers, lines) order by value desc, name)::text from spread where part = 'by_country_sale' group by part
union all select 'nongoods', json_object_agg(c.code, json_build_array(c.lines, c.value) order by c.code)::text
    from (select n.code, count(l.row_number) as lines, coalesce(sum(l.value_milli), 0) as value
          from unnest($2::text[]) n (code) left join l on l.sku = n.code and l.kind = 'sale' group by n.code) c

-- name: verify_goods
with l as (select * from history_api.line where source = $1::text and kind = 'sale' and goods),
named as (
    select distinct on (sku) sku, btrim(description, E' \t') as name from l group by sku, btrim(description, E' \t') order by sku, count(*) desc, min(row_number)
), sold as (
    select l.sku, n.name, sum(l.value_milli) as value, sum(l.quantity) as units, count(distinct l.document_number) as invoices, count(distinct l.customer_ref) as customers, count(*) as lines
    from l join named n on n.sku = l.sku group by l.sku, n.name
), ranked as (
    select *, row_number() over (order by value desc, sku) as by_value, row_number() over (order by units desc, sku) as by_units, row_number() over (order by invoices desc, sku) as by_invoices from sold
)
select 'top_goods_by_value' as key, json_agg(json_build_array(sku, name, value, units, invoices, customers, lines) order by by_value)::text as value from ranked where by_value <= 15
union all select 'top_goods_by_units', json_agg(json_build_array(sku, name, value, units, invoices, customers, lines) order by by_units)::text from ranked where by_units <= 15
union all select 'top_goods_by_invoices', json_agg(json_build_array(sku, name, value, units, invoices, customers, lines) order by by_invoices)::text from ranked where by_invoices <= 15

-- name: verify_orders
with orders as (
    select document_number, sum(value_milli) as value, sum(quantity) as units, count(*) as lines from history_api.line where source = $1::text and kind = 'sale' group by document_number
)
select 'order_value' as key, json_build_object('count', count(*), 'sum', sum(value), 'p10', percentile_disc(0.1) within group (order by value), 'p50', percentile_disc(0.5) within group (order by value),
    'p90', percentile_disc(0.9) within group (order by value), 'p99', percentile_disc(0.99) within group (order by value), 'max', max(value), 'min', min(value))::text as value from orders
union all select 'order_units', json_build_object('p50', percentile_disc(0.5) within group (order by units), 'p90', percentile_disc(0.9) within group (order by units), 'max', max(units))::text from orders
union all select 'order_lines', json_build_object('p50', percentile_disc(0.5) within group (order by lines), 'p90', percentile_disc(0.9) within group (order by lines), 'max', max(lines))::text from orders

-- name: verify_customers
with l as (select * from history_api.line where source = $1::text and kind = 'sale' and customer_ref is not null),
customer as (
    select customer_ref, sum(value_milli) as value, sum(quantity) as units, count(distinct document_number) as orders, count(distinct country_name) as countries,
        min(country_name) as country, percentile_disc(0.5) within group (order by quantity) as median
    from l group by customer_ref
), ranked as (select *, row_number() over (order by value desc, customer_ref) as place, count(*) over () as of_all, sum(value) over () as all_value from customer)
select 'customers_one_order' as key, count(*) filter (where orders = 1)::text as value from customer
union all select 'customers_repeat', count(*) filter (where orders > 1)::text from customer
union all select 'customers_two_countries', count(*) filter (where countries > 1)::text from customer
union all select 'top_customers', json_agg(json_build_array(customer_ref, value, units, orders, country) order by place)::text from ranked where place <= 15
union all select 'wholesale_like', json_build_object('customers', count(*), 'value', sum(value), 'orders', sum(orders), 'units', sum(units))::text from customer where median >= 12 and value >= 1000000
union all select 'retail_like_median_line_le_4', json_build_object('customers', count(*), 'value', sum(value), 'orders', sum(orders))::text from customer where median <= 4
union all select 'share_top_' || share.percent || 'pct', json_build_array(count(*), sum(r.value), max(r.all_value))::text
    from (values (1), (5), (10), (20)) share (percent) join ranked r on r.place <= ceil(r.of_all * share.percent / 100.0) group by share.percent

-- name: verify_cohorts
with months as (
    select distinct customer_ref, (extract(year from at at time zone 'UTC') * 12 + extract(month from at at time zone 'UTC'))::int as month
    from history_api.line where source = $1::text and kind = 'sale' and customer_ref is not null
), started as (select customer_ref, min(month) as first from months group by customer_ref),
active as (select s.first, m.month - s.first as later, count(*) as customers from months m join started s on s.customer_ref = m.customer_ref group by s.first, m.month - s.first),
whole as (
    select f.first, g.later, coalesce(a.customers, 0) as customers
    from (select distinct first from started) f
    cross join lateral generate_series(0, (select max(month) from months) - f.first) g (later)
    left join active a on a.first = f.first and a.later = g.later
), listed as (select first, json_agg(customers order by later) as customers from whole group by first)
select 'cohorts' as key, json_object_agg(to_char(make_date((first - 1) / 12, (first - 1) % 12 + 1, 1), 'YYYY-MM'), customers order by first)::text as value from listed

-- name: history_weigh
update catalog.variant v set weight_grams = d.grams
from unnest($1::uuid[], $2::bigint[]) as d (id, grams)
where v.id = d.id and v.weight_grams = 0
