-- name: seed_legal_entity_is_set
select e.id from orders_api.admin_legal_entity e where e.id = $1::text;

-- name: seed_currencies_without_rate
select c.currency from unnest($2::text[]) as c (currency)
where exists (select from orders_api.admin_legal_entity e where e.id = $4::text and e.vat_id = $1::text)
  and not exists (
    select from orders_api.admin_vat_rate r
    where r.vat_currency = 'EUR' and r.currency = c.currency and $3::date >= r.day and $3::date < r.day + r.valid_days::int);
