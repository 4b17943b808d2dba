-- A rate may end without another one: its class is then taxed as 'standard'. The standard rate itself never ends, it is followed by another.
alter table pricing.tax_rate add column valid_until date;
alter table pricing.tax_rate add constraint tax_rate_window check (valid_until is null or valid_until > valid_from) not valid;
alter table pricing.tax_rate validate constraint tax_rate_window;
alter table pricing.tax_rate add constraint tax_rate_standard_stays check (valid_until is null or tax_class <> 'standard') not valid;
alter table pricing.tax_rate validate constraint tax_rate_standard_stays;
create or replace view pricing_api.admin_tax_rate as
select r.country || ':' || r.tax_class || ':' || r.valid_from::text as id, r.country, r.tax_class, r.valid_from, r.basis_points, r.treatment,
    r.valid_until
from pricing.tax_rate r;
