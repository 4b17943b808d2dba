-- Deliveries are switched off, not taken away: orders name them.
alter table shipping.rate add column enabled boolean not null default true;
alter table shipping.rate add constraint rate_names check (jsonb_typeof(names) = 'object' and names ? 'en') not valid;
alter table shipping.rate validate constraint rate_names;
-- What the back office lists.
create schema shipping_api;
create view shipping_api.admin_rate as
select r.id, r.zone, r.code, r.names ->> 'en' as name, r.names, r.carrier, r.up_to_grams, r.currency, r.price, r.days_min, r.days_max, r.can_be_free,
    r.enabled
from shipping.rate r;
create view shipping_api.admin_country as select c.country as id, c.country, c.zone from shipping.zone_country c;
create view shipping_api.admin_free_from as
select f.zone || ':' || f.currency as id, f.zone, f.currency, f.amount from shipping.free_from f;
create view shipping_api.admin_customs as select c.variant_id, c.hs_code, c.origin_country from shipping.customs c;
