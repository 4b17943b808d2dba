-- name: insert_passkey_challenge
insert into backoffice.passkey_challenge (challenge_hash, staff_id, created_at) values (decode($1::text, 'hex'), $2::uuid, $3::timestamptz)

-- name: use_passkey_challenge
delete from backoffice.passkey_challenge
where challenge_hash = decode($1::text, 'hex') and staff_id is not distinct from $2::uuid and created_at > $3::timestamptz - interval '5 minutes'

-- name: delete_old_passkey_challenges
delete from backoffice.passkey_challenge where created_at <= $1::timestamptz - interval '5 minutes'

-- name: list_passkeys
select p.id, p.name, p.created_at, p.last_used_at, p.backed_up, encode(p.credential_id, 'hex') as credential_id
from backoffice.passkey p where p.staff_id = $1::uuid order by p.created_at, p.id

-- name: insert_passkey
insert into backoffice.passkey (id, staff_id, credential_id, public_key, algorithm, sign_count, may_be_backed_up, backed_up, name, created_at)
values ($1::uuid, $2::uuid, decode($3::text, 'hex'), decode($4::text, 'hex'), $5::integer, $6::bigint, $7::boolean, $8::boolean, $9::text,
    $10::timestamptz)
on conflict (credential_id) do nothing

-- name: delete_passkey
delete from backoffice.passkey where id = $1::uuid and staff_id = $2::uuid returning name

-- name: delete_passkeys_of
delete from backoffice.passkey where staff_id = $1::uuid

-- name: find_passkey
select p.id, p.staff_id, encode(p.public_key, 'hex') as public_key, p.algorithm, p.may_be_backed_up
from backoffice.passkey p join backoffice.staff st on st.id = p.staff_id
where p.credential_id = decode($1::text, 'hex') and st.active

-- name: use_passkey
update backoffice.passkey set sign_count = $2::bigint, backed_up = $3::boolean, last_used_at = $4::timestamptz
where id = $1::uuid and (sign_count < $2::bigint or (sign_count = 0 and $2::bigint = 0))
