-- name: seed_legal_entity_is_set
select e.id from orders_api.admin_legal_entity e where e.id = $1::text;
