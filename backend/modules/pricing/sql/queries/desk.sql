-- name: remove_price
-- One price of a list, and the end of what it was.
with removed as (
    delete from pricing.price where id = $1::uuid returning list_id, variant_id, valid_from
), dropped as (
    delete from pricing.price_history h using removed r
    where h.variant_id = r.variant_id and h.list_id = r.list_id and h.starts is not distinct from r.valid_from and h.applies_from >= $2::timestamptz
    returning h.variant_id
), closed as (
    update pricing.price_history h set applies_until = $2::timestamptz from removed r
    where h.variant_id = r.variant_id and h.list_id = r.list_id and h.starts is not distinct from r.valid_from and h.applies_from < $2::timestamptz
      and (h.applies_until is null or h.applies_until > $2::timestamptz)
    returning h.variant_id
)
select variant_id from removed;

-- name: stored_prices
select p.id, p.list_id, l.currency, p.variant_id, p.tier_quantities::text as tier_quantities, p.tier_amounts::text as tier_amounts, p.valid_from,
    p.valid_until
from pricing.price p join pricing.price_list l on l.id = p.list_id
where p.id = any($1::uuid[])
order by p.id;

-- name: lock_prices
select p.id from pricing.price p where p.id = any($1::uuid[]) order by p.id for update;

-- name: base_prices
select p.id from pricing.price p where p.list_id = $1::uuid and p.variant_id = any($2::uuid[]) and p.valid_from is null order by p.id;

-- name: end_tax_rate
update pricing.tax_rate set valid_until = $4::date
where country = $1::char(2) and tax_class = $2::text and valid_from = $3::date and valid_until is distinct from $4::date
returning country;

-- name: remove_tax_rate
delete from pricing.tax_rate where country = $1::char(2) and tax_class = $2::text and valid_from = $3::date and valid_from > $4::date
returning country;
