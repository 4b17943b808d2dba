-- name: related
select product_id, related_id from search.related where product_id = any($1::uuid[]) order by product_id, score desc, related_id

-- name: last_position
select coalesce(max(position), 0) as position from events.event
