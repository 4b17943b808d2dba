-- name: numbers_of_orders
select o.id, o.number from orders.orders o where o.id = any($1::uuid[])
