-- name: ensure_audit_head
insert into backoffice.audit_head (one, number, hash) values (true, 0, decode(repeat('00', 32), 'hex')) on conflict (one) do nothing

-- name: lock_audit_head
select number, encode(hash, 'hex') as hash from backoffice.audit_head where one for update

-- name: insert_audit
insert into backoffice.audit (number, at, staff_id, staff_name, action, resource, object_id, before, after, ip, user_agent, request_id, hash)
values ($1::bigint, $2::timestamptz, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text, decode($13::text, 'hex'))

-- name: move_audit_head
update backoffice.audit_head set number = $1::bigint, hash = decode($2::text, 'hex') where one

-- name: audit_head
select number, encode(hash, 'hex') as hash from backoffice.audit_head where one

-- name: audit_after
select number, at, staff_id, staff_name, action, resource, object_id, before, after, ip, user_agent, request_id, encode(hash, 'hex') as hash
from backoffice.audit where number > $1::bigint order by number limit 2000

-- name: audit_of
select number, at, staff_id, staff_name, action, resource, object_id, before, after, ip, user_agent, request_id, encode(hash, 'hex') as hash
from backoffice.audit where resource = $1::text and object_id = $2::text order by number desc limit 200
