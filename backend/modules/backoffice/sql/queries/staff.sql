-- name: resolve_session
with seen as (
    update backoffice.session set last_seen_at = $2::timestamptz
    where token_hash = decode($1::text, 'hex') and not second_factor_due and last_seen_at < $2::timestamptz - interval '1 minute'
        and last_seen_at > $2::timestamptz - interval '8 hours' and created_at > $2::timestamptz - interval '7 days'
    returning id
)
select s.id as session_id, st.id, st.email, st.name, st.must_change_password, s.second_factor_due, s.created_at,
    st.totp_secret is not null as has_totp, exists (select from seen) as seen_moved,
    exists (select from backoffice.passkey p where p.staff_id = st.id) as has_passkey,
    coalesce((select jsonb_agg(jsonb_build_object('permissions', to_jsonb(r.permissions), 'limits', r.limits) order by r.code)
              from backoffice.staff_role sr join backoffice.role r on r.code = sr.role_code where sr.staff_id = st.id), '[]')::text as roles
from backoffice.session s
join backoffice.staff st on st.id = s.staff_id
where s.token_hash = decode($1::text, 'hex') and st.active
    and s.last_seen_at > $2::timestamptz - interval '8 hours' and s.created_at > $2::timestamptz - interval '7 days'
    and (not s.second_factor_due or s.created_at > $2::timestamptz - interval '10 minutes')

-- name: insert_session
insert into backoffice.session (id, token_hash, staff_id, second_factor_due, ip, user_agent, created_at, last_seen_at)
values ($1::uuid, decode($2::text, 'hex'), $3::uuid, $4::boolean, $5::text, $6::text, $7::timestamptz, $7::timestamptz)

-- name: delete_session_by_token
delete from backoffice.session where token_hash = decode($1::text, 'hex')

-- name: delete_session
delete from backoffice.session where id = $1::uuid and ($2::uuid is null or staff_id = $2::uuid)
returning staff_id, encode(token_hash, 'hex') as token_hash

-- name: delete_sessions_of
delete from backoffice.session where staff_id = $1::uuid and ($2::uuid is null or id <> $2::uuid)

-- name: delete_old_sessions
delete from backoffice.session where last_seen_at < $1::timestamptz - interval '8 hours' or created_at < $1::timestamptz - interval '7 days'

-- name: list_sessions
select s.id, s.staff_id, st.name, st.email, s.ip, s.user_agent, s.created_at, s.last_seen_at
from backoffice.session s join backoffice.staff st on st.id = s.staff_id
where ($1::uuid is null or s.staff_id = $1::uuid) and not s.second_factor_due
    and s.last_seen_at > $2::timestamptz - interval '8 hours' and s.created_at > $2::timestamptz - interval '7 days'
order by s.last_seen_at desc, s.id desc limit 200

-- name: find_credentials
select id, password_hash, totp_secret is not null as has_totp from backoffice.staff where email_key = $1::text and active

-- name: lock_unchanged_password
select id from backoffice.staff where id = $1::uuid and password_hash = $2::text and active for update

-- name: find_staff
select st.id, st.email, st.name, st.active, st.must_change_password, st.password_hash, st.totp_secret is not null as has_totp,
    (select count(*) from backoffice.passkey p where p.staff_id = st.id)::bigint as passkeys,
    coalesce((select array_agg(sr.role_code order by sr.role_code) from backoffice.staff_role sr where sr.staff_id = st.id), '{}') as roles
from backoffice.staff st where st.id = $1::uuid

-- name: find_staff_by_email
select id from backoffice.staff where email_key = $1::text

-- name: insert_staff
insert into backoffice.staff (id, email, email_key, name, password_hash, must_change_password, active, created_at, updated_at)
values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::boolean, true, $7::timestamptz, $7::timestamptz)
on conflict (email_key) do nothing

-- name: update_staff
update backoffice.staff set email = $2::text, email_key = $3::text, name = $4::text, active = $5::boolean, updated_at = $6::timestamptz
where id = $1::uuid

-- name: set_password
update backoffice.staff set password_hash = $2::text, must_change_password = $3::boolean, updated_at = $4::timestamptz where id = $1::uuid

-- name: clear_staff_roles
delete from backoffice.staff_role where staff_id = $1::uuid and role_code <> all ($2::text[])

-- name: add_staff_roles
insert into backoffice.staff_role (staff_id, role_code) select $1::uuid, unnest($2::text[]) on conflict do nothing

-- name: known_roles
select code, permissions, limits::text as limits from backoffice.role where code = any ($1::text[])

-- name: count_other_administrators
select count(distinct st.id) as count from backoffice.staff st
join backoffice.staff_role sr on sr.staff_id = st.id join backoffice.role r on r.code = sr.role_code
where st.active and '*' = any (r.permissions) and st.id <> $1::uuid and ($2::text is null or r.code <> $2::text)

-- name: lock_administrators
select pg_advisory_xact_lock(7250001)::text as locked

-- name: find_role
select code, name, permissions, limits::text as limits from backoffice.role where code = $1::text

-- name: save_role
insert into backoffice.role (code, name, permissions, limits, updated_at)
values ($1::text, $2::text, $3::text[], $4::jsonb, $5::timestamptz)
on conflict (code) do update set name = excluded.name, permissions = excluded.permissions, limits = excluded.limits, updated_at = excluded.updated_at

-- name: delete_role
delete from backoffice.role where code = $1::text

-- name: role_is_used
select exists (select from backoffice.staff_role where role_code = $1::text) as used
