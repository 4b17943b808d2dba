-- name: import_price_list
select id, currency from pricing.price_list where code = $1::text;
