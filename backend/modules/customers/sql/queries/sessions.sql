-- name: resolve_session
with seen as (
    update customers.session set last_seen_at = $2::timestamptz
    where token_hash = decode($1::text, 'hex') and last_seen_at < $2::timestamptz - interval '5 minutes' and last_seen_at > $2::timestamptz - interval '30 days'
    returning id
)
select s.id as session_id, c.id, c.email, c.first_name, c.last_name, c.locale, c.email_verified_at is not null as email_verified,
    exists (select from seen) as seen,
    coalesce((select array_agg(m.group_code order by m.group_code) from customers.group_member m where m.customer_id = c.id), '{}') as groups,
    c.company_id
from customers.session s
join customers.customer c on c.id = s.customer_id
where s.token_hash = decode($1::text, 'hex') and s.last_seen_at > $2::timestamptz - interval '30 days' and c.erased_at is null

-- name: insert_session
insert into customers.session (id, token_hash, customer_id, user_agent, created_at, last_seen_at)
values ($1::uuid, decode($2::text, 'hex'), $3::uuid, $4::text, $5::timestamptz, $5::timestamptz)

-- name: lock_unchanged_password
select c.id from customers.customer c where c.id = $1::uuid and c.password_hash = $2::text and c.erased_at is null for update

-- name: delete_session_by_token
delete from customers.session where token_hash = decode($1::text, 'hex')

-- name: delete_session
delete from customers.session where id = $1::uuid and customer_id = $2::uuid returning encode(token_hash, 'hex') as token_hash

-- name: delete_sessions
delete from customers.session where customer_id = $1::uuid

-- name: delete_other_sessions
delete from customers.session where customer_id = $1::uuid and token_hash <> decode($2::text, 'hex')

-- name: list_sessions
select s.id, s.created_at, s.last_seen_at, s.user_agent, s.token_hash = decode($2::text, 'hex') as current
from customers.session s
where s.customer_id = $1::uuid and s.last_seen_at > $3::timestamptz - interval '30 days'
order by s.last_seen_at desc, s.id desc limit 100
