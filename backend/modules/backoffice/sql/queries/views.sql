-- name: list_views
select id, resource, name, query, created_at from backoffice.saved_view
where staff_id = $1::uuid and ($2::text is null or resource = $2::text) order by resource, name limit 500

-- name: insert_view
insert into backoffice.saved_view (id, staff_id, resource, name, query, created_at)
values ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::timestamptz)
on conflict (staff_id, resource, name) do update set query = excluded.query returning id, resource, name, query, created_at

-- name: delete_view
delete from backoffice.saved_view where id = $1::uuid and staff_id = $2::uuid

-- name: count_views
select count(*) as count from backoffice.saved_view where staff_id = $1::uuid
