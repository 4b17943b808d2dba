-- name: variants_of_products
select v.id, v.product_id from catalog.variant v where v.product_id = any($1::uuid[]) order by v.product_id, v.position, v.id limit 2000
