-- name: promotion_to_try
select p.id, p.name, p.labels::text as labels, p.kind, p.lane, p.exclusive_group, p.usage_limit, p.customer_limit, p.rules::text as rules,
    p.used_count
from promotions_api.admin_promotion p where p.id = $1::uuid
