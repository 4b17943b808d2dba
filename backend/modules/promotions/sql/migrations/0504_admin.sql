-- What the back office lists.
create schema promotions_api;
create view promotions_api.admin_promotion as
select p.id, p.name, p.labels, p.kind, p.automatic, p.enabled, p.lane, p.exclusive_group, p.starts_at, p.ends_at, p.usage_limit, p.customer_limit,
    p.rules, p.used_count,
    coalesce((select array_agg(c.code order by c.code) from (select code from promotions.code where promotion_id = p.id order by code limit 20) c), '{}') as codes
from promotions.promotion p;
