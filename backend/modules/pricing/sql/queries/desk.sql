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

-- name: end_tax_rate
update pricing.tax_rate set valid_until = $4::date
where country = $1::char(2) and tax_class = $2::text and valid_from = $3::date and valid_until is distinct from $4::date
returning country;

-- name: remove_tax_rate
delete from pricing.tax_rate where country = $1::char(2) and tax_class = $2::text and valid_from = $3::date and valid_from > $4::date
returning country;
