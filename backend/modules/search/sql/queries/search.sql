-- name: related
select product_id, related_id from search.related where product_id = any($1::uuid[]) order by product_id, score desc, related_id

-- name: last_position
select coalesce(max(position), 0) as position from events.event

-- name: event_at
select stream || ' ' || version || ' ' || at as event from events.event where position = $1::bigint

-- name: popularity
select product_id, score from search.popularity where product_id = any($1::uuid[])

-- name: synonyms
select locale, words from search.synonym order by locale, id

-- name: rules
select id, kind, locale, query, category_id, per_cent, target, valid_from, valid_until from search.rule where active order by position, id

-- name: rule_products
select rule_id, product_id from search.rule_product order by rule_id, position, product_id

-- name: put_synonyms
insert into search.synonym (id, locale, words) values ($1::uuid, $2::text, $3::text[])
on conflict (id) do update set locale = excluded.locale, words = excluded.words, updated_at = now()

-- name: remove_synonyms
delete from search.synonym where id = $1::uuid

-- name: put_rule
insert into search.rule (id, kind, locale, query, category_id, per_cent, target, position, active, valid_from, valid_until)
values ($1::uuid, $2::text, $3::text, $4::text, $5::uuid, $6::int, $7::text, $8::int, $9::boolean, $10::timestamptz, $11::timestamptz)
on conflict (id) do update set kind = excluded.kind, locale = excluded.locale, query = excluded.query, category_id = excluded.category_id,
    per_cent = excluded.per_cent, target = excluded.target, position = excluded.position, active = excluded.active,
    valid_from = excluded.valid_from, valid_until = excluded.valid_until, updated_at = now()

-- name: clear_rule_products
delete from search.rule_product where rule_id = $1::uuid

-- name: put_rule_products
insert into search.rule_product (rule_id, product_id, position)
select $1::uuid, p.id, p.position from unnest($2::uuid[]) with ordinality as p (id, position)

-- name: remove_rule
delete from search.rule where id = $1::uuid

-- name: add_queries
insert into search.query_log as q (day, locale, query, searches, without_result, results)
select $1::date, d.locale, d.query, d.searches, d.without_result, d.results
from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) as d (locale, query, searches, without_result, results)
order by d.locale, d.query
on conflict (day, locale, query) do update set searches = q.searches + excluded.searches,
    without_result = q.without_result + excluded.without_result, results = excluded.results

-- name: forget_queries
delete from search.query_log where day < $1::date

-- name: clear_popularity
delete from search.popularity

-- name: put_popularity
insert into search.popularity (product_id, score)
select d.id, d.score from unnest($1::uuid[], $2::bigint[]) as d (id, score) join catalog.product p on p.id = d.id

-- name: clear_related
delete from search.related

-- name: put_related
insert into search.related (product_id, related_id, score)
select d.id, d.other, d.score from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as d (id, other, score)
join catalog.product p on p.id = d.id join catalog.product o on o.id = d.other
