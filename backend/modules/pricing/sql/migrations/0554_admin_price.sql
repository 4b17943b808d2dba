-- What the back office lists.
create view pricing_api.admin_price as
select p.id, p.list_id, l.code as list_code, l.currency, p.variant_id, p.tier_quantities, p.tier_amounts, p.tier_amounts[1] as amount,
    cardinality(p.tier_amounts) as tiers, p.valid_from, p.valid_until
from pricing.price p join pricing.price_list l on l.id = p.list_id;
