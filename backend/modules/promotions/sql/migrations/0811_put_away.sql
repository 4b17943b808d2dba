-- What is over is put away: it stays, with what was sold by it, and applies no more.
alter table promotions.promotion add column archived_at timestamptz;
alter table promotions.promotion add constraint archived_is_off check (archived_at is null or not enabled) not valid;
alter table promotions.promotion validate constraint archived_is_off;
create or replace view promotions_api.admin_promotion as
select p.id, p.name, p.labels, p.kind, p.automatic, p.enabled, p.lane, p.exclusive_group, p.starts_at, p.ends_at, p.usage_limit, p.customer_limit,
    p.rules, p.used_count,
    coalesce((select array_agg(c.code order by c.code) from (select code from promotions.code where promotion_id = p.id order by code limit 20) c), '{}') as codes,
    p.archived_at is not null as archived
from promotions.promotion p;
create view promotions_api.admin_code as
select c.id, c.promotion_id, p.name as promotion, c.code, c.enabled, c.expires_at, c.usage_limit,
    (select count(*) from promotions.usage u where u.code_id = c.id) as used_count
from promotions.code c join promotions.promotion p on p.id = c.promotion_id;
