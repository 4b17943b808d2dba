-- name: all_countries
select c.country, c.zone from shipping.zone_country c

-- name: all_rates
select r.zone, r.code, r.names::text as names, r.carrier, r.up_to_grams, r.currency, r.price, r.days_min, r.days_max, r.can_be_free
from shipping.rate r where r.enabled order by r.zone, r.code, r.currency, r.up_to_grams

-- name: all_free_from
select f.zone, f.currency, f.amount from shipping.free_from f

-- name: all_exchange
select e.from_currency, e.to_currency, e.per_million from shipping.exchange e
