-- What the back office lists.
create schema search_api;
create view search_api.admin_synonym as
select s.id, s.locale, s.words, s.updated_at from search.synonym s;
create view search_api.admin_rule as
select r.id, r.kind, coalesce(r.locale, '') as locale, coalesce(r.query, '') as query, r.category_id, r.per_cent, r.target, r.position, r.active,
    r.valid_from, r.valid_until, r.updated_at,
    coalesce((select array_agg(p.product_id order by p.position) from search.rule_product p where p.rule_id = r.id), '{}') as products
from search.rule r;
