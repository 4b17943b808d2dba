-- name: find_warehouse
select w.code, w.name, w.country, w.priority::bigint as priority, w.is_active, w.parcel_cost, w.parcel_cost_abroad
from inventory_api.admin_warehouse w where w.id = $1::uuid

-- name: find_shipping_rate
select r.zone, r.code, r.names::text as names, r.carrier, r.up_to_grams, r.currency, r.price, r.days_min::bigint as days_min,
    r.days_max::bigint as days_max, r.can_be_free, r.enabled
from shipping_api.admin_rate r where r.id = $1::bigint

-- name: find_shipping_country
select c.country, c.zone from shipping_api.admin_country c where c.id = $1::text

-- name: find_free_delivery
select f.zone, f.currency, f.amount from shipping_api.admin_free_from f where f.id = $1::text
