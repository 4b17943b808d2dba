-- name: find_customer
select c.id, c.email, c.first_name, c.last_name, c.locale, c.email_verified_at is not null as email_verified,
    coalesce((select array_agg(m.group_code order by m.group_code) from customers.group_member m where m.customer_id = c.id), '{}') as groups,
    c.company_id
from customers.customer c
where c.id = $1::uuid and c.erased_at is null

-- name: find_customer_by_email
select c.id, c.email, c.first_name, c.last_name, c.locale, c.email_verified_at is not null as email_verified,
    coalesce((select array_agg(m.group_code order by m.group_code) from customers.group_member m where m.customer_id = c.id), '{}') as groups,
    c.company_id
from customers.customer c
where c.email_key = $1::text

-- name: find_account
select c.id, c.email, c.first_name, c.last_name, c.phone, c.locale, c.created_at, c.email_verified_at is not null as email_verified
from customers.customer c
where c.id = $1::uuid and c.erased_at is null

-- name: update_account
update customers.customer set
    first_name = coalesce($2::text, first_name),
    last_name = coalesce($3::text, last_name),
    phone = case when $4::text is null then phone when $4::text = '' then null else $4::text end,
    locale = coalesce($5::text, locale),
    updated_at = $6::timestamptz
where id = $1::uuid and erased_at is null
returning id, email, first_name, last_name, phone, locale, created_at, email_verified_at is not null as email_verified

-- name: insert_unverified
insert into customers.customer (id, email, email_key, first_name, last_name, locale, created_at, updated_at)
values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::timestamptz, $7::timestamptz)
on conflict (email_key) do nothing

-- name: lock_by_email
select c.id, c.email, c.first_name, c.locale, c.email_verified_at is not null as email_verified
from customers.customer c
where c.email_key = $1::text
for update

-- name: insert_verified
insert into customers.customer (id, email, email_key, password_hash, first_name, last_name, phone, locale, source_ref, email_verified_at, created_at, updated_at)
values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text,
    case when $2::text is null then null else $10::timestamptz end, $10::timestamptz, $10::timestamptz)
on conflict do nothing

-- name: find_id_by_email_or_source
select c.id from customers.customer c where c.email_key = $1::text or c.source_ref = $2::text order by c.email_key = $1::text desc nulls last limit 1

-- name: find_credentials
select c.id, c.password_hash from customers.customer c where c.email_key = $1::text and c.email_verified_at is not null

-- name: find_password
select c.password_hash, c.email from customers.customer c where c.id = $1::uuid and c.erased_at is null

-- name: change_password
update customers.customer set password_hash = $3::text, updated_at = $4::timestamptz
where id = $1::uuid and password_hash = $2::text and erased_at is null

-- name: reset_password
update customers.customer set password_hash = $2::text, email_verified_at = coalesce(email_verified_at, $3::timestamptz), updated_at = $3::timestamptz
where id = $1::uuid and erased_at is null

-- name: lock_customer
select c.email_verified_at is not null as email_verified from customers.customer c where c.id = $1::uuid and c.erased_at is null for update

-- name: confirm_registration
update customers.customer set
    email_verified_at = $2::timestamptz, password_hash = $3::text, first_name = coalesce($4::text, first_name), last_name = coalesce($5::text, last_name),
    locale = coalesce($6::text, locale), updated_at = $2::timestamptz
where id = $1::uuid and erased_at is null and email_verified_at is null

-- name: insert_token
insert into customers.token (token_hash, customer_id, purpose, password_hash, first_name, last_name, locale, accepts_marketing, created_at, expires_at)
values (decode($1::text, 'hex'), $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::text, $8::boolean, $9::timestamptz, $10::timestamptz)

-- name: waiting_registrations
-- One row for each registration, however often its link was sent: its hash is its own.
select distinct on (t.password_hash) t.password_hash, t.first_name, t.last_name, t.locale, t.accepts_marketing
from customers.token t
where t.customer_id = $1::uuid and t.purpose = 'verify_email' and t.used_at is null
order by t.password_hash, t.created_at desc

-- name: peek_token
select c.id, c.email, c.first_name, c.locale
from customers.token t join customers.customer c on c.id = t.customer_id
where t.token_hash = decode($1::text, 'hex') and t.purpose = $2::text and t.used_at is null and t.expires_at > $3::timestamptz and c.erased_at is null

-- name: use_token
update customers.token set used_at = $3::timestamptz
where token_hash = decode($1::text, 'hex') and purpose = $2::text and used_at is null and expires_at > $3::timestamptz
returning customer_id, password_hash, first_name, last_name, locale, accepts_marketing

-- name: void_tokens
update customers.token set used_at = $2::timestamptz where customer_id = $1::uuid and used_at is null

-- name: insert_intake
insert into customers.intake (id, kind, email, password_hash, first_name, last_name, locale, accepts_marketing, created_at)
values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::boolean, $9::timestamptz)

-- name: take_intake
delete from customers.intake where id = $1::uuid
returning kind, email, password_hash, first_name, last_name, locale, accepts_marketing

-- name: ensure_group
insert into customers.customer_group (code, name) values ($1::text, $2::text) on conflict (code) do nothing

-- name: save_group
insert into customers.customer_group (code, name) values ($1::text, $2::text) on conflict (code) do update set name = excluded.name

-- name: group_name
select g.name from customers.customer_group g where g.code = $1::text

-- name: add_members
insert into customers.group_member (customer_id, group_code)
select c.id, $1::text from customers.customer c where c.id = any($2::uuid[]) and c.erased_at is null order by c.id
on conflict (customer_id, group_code) do nothing

-- name: remove_members
delete from customers.group_member where group_code = $1::text and customer_id = any($2::uuid[])

-- name: set_company
update customers.customer set company_id = $2::uuid, updated_at = $3::timestamptz where id = $1::uuid and erased_at is null

-- name: clear_groups
delete from customers.group_member where customer_id = $1::uuid and not group_code = any($2::text[])

-- name: add_groups
insert into customers.group_member (customer_id, group_code) select $1::uuid, g from unnest($2::text[]) as g on conflict do nothing

-- name: delete_stale_tokens
delete from customers.token where expires_at < $1::timestamptz - interval '30 days'

-- name: delete_stale_sessions
delete from customers.session where last_seen_at < $1::timestamptz - interval '30 days'

-- name: delete_stale_unverified
delete from customers.customer
where email_verified_at is null and email is not null and source_ref is null and created_at < $1::timestamptz - interval '30 days'
    and not exists (select from customers.token t where t.customer_id = customer.id and t.expires_at > $1::timestamptz)

-- name: delete_stale_intake
delete from customers.intake where created_at < $1::timestamptz - interval '30 days'
