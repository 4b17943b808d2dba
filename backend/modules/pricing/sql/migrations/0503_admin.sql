-- What the back office lists.
create schema pricing_api;
create view pricing_api.admin_price_list as
select l.id, l.code, l.name, l.currency, l.tax_included, l.export_net, l.enabled, l.priority, l.channel, l.customer_group, l.company_id,
    l.valid_from, l.valid_until
from pricing.price_list l;
create view pricing_api.admin_tax_rate as
select r.country || ':' || r.tax_class || ':' || r.valid_from::text as id, r.country, r.tax_class, r.valid_from, r.basis_points, r.treatment
from pricing.tax_rate r;
