-- name: insert_endpoint
insert into webhooks.endpoint (id, url, description, types, secret, token_hash, created_at, updated_at)
values ($1::uuid, $2::text, $3::text, $4::text[], $5::text, decode($6::text, 'hex'), $7::timestamptz, $7::timestamptz)

-- name: list_endpoints
select e.id, e.url, e.description, e.types, e.enabled, e.disabled_reason, e.failing_since, e.created_at,
    (select count(*) from webhooks.delivery d where d.endpoint_id = e.id and d.state = 'pending') as pending,
    (select count(*) from webhooks.delivery d where d.endpoint_id = e.id and d.state = 'failed') as failed
from webhooks.endpoint e order by e.created_at, e.id limit 200

-- name: find_endpoint
select e.id, e.url, e.description, e.types, e.enabled, e.disabled_reason, e.failing_since, e.created_at,
    (select count(*) from webhooks.delivery d where d.endpoint_id = e.id and d.state = 'pending') as pending,
    (select count(*) from webhooks.delivery d where d.endpoint_id = e.id and d.state = 'failed') as failed
from webhooks.endpoint e where e.id = $1::uuid

-- name: lock_endpoint
select e.id from webhooks.endpoint e where e.id = $1::uuid for update

-- name: types_of_token
-- One that failed reads what it missed; one that staff disabled reads nothing.
select e.types from webhooks.endpoint e where e.token_hash = decode($1::text, 'hex') and (e.enabled or e.disabled_reason <> 'staff')

-- name: renew_token
update webhooks.endpoint set token_hash = decode($2::text, 'hex'), updated_at = $3::timestamptz where id = $1::uuid

-- name: update_endpoint
update webhooks.endpoint
set url = $2::text, description = $3::text, types = $4::text[], enabled = $5::boolean,
    disabled_reason = case when enabled = $5::boolean then disabled_reason when $5::boolean then '' else 'staff' end,
    failing_since = case when $5::boolean and not enabled then null else failing_since end, updated_at = $6::timestamptz
where id = $1::uuid

-- name: delete_endpoint
delete from webhooks.endpoint where id = $1::uuid

-- name: enabled_endpoints
select e.id, e.types, e.failing_since is not null as failing from webhooks.endpoint e where e.enabled

-- name: insert_deliveries
insert into webhooks.delivery (id, endpoint_id, position, type, created_at)
select d.id, d.endpoint_id, d.position, d.type, $5::timestamptz
from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) as d (id, endpoint_id, position, type)
on conflict (endpoint_id, position) do nothing
returning id

-- name: insert_parked
insert into webhooks.delivery (id, endpoint_id, position, type, created_at, parked)
select d.id, d.endpoint_id, d.position, d.type, $5::timestamptz, true
from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) as d (id, endpoint_id, position, type)
on conflict (endpoint_id, position) do nothing

-- name: hold_driven
select e.id from webhooks.endpoint e
where e.id = any($1::uuid[]) and e.enabled and e.failing_since is not null and e.driven_until > $2::timestamptz
order by e.id
for share

-- name: lock_failing
select e.id from webhooks.endpoint e where e.id = $1::uuid and e.enabled and e.failing_since is not null for no key update

-- name: park_delivery
update webhooks.delivery set parked = true where id = $1::uuid and state = 'pending'

-- name: claim_driver
-- Unless somebody drives it.
update webhooks.endpoint set driver = $2::uuid, driven_until = $3::timestamptz
where id = $1::uuid and (driven_until is null or driven_until <= $4::timestamptz)

-- name: replace_driver
-- Only where there was one; without, nothing is parked.
update webhooks.endpoint set driver = $2::uuid, driven_until = greatest($3::timestamptz, $4::timestamptz) where id = $1::uuid and driver is not null

-- name: lock_driven
select e.enabled, e.failing_since from webhooks.endpoint e where e.id = $1::uuid and e.driver = $2::uuid for no key update

-- name: drive_on
update webhooks.endpoint set driven_until = $2::timestamptz where id = $1::uuid

-- name: end_driver
update webhooks.endpoint set driver = null, driven_until = null where id = $1::uuid

-- name: next_parked
-- The one that was tried longest ago, so that one which is never taken does not keep back the others.
select d.id, d.endpoint_id, d.position, d.attempts, e.url, e.secret, e.previous_secret, e.previous_until,
    (select count(*) from (select from webhooks.delivery w where w.endpoint_id = $1::uuid and w.parked limit $2::bigint) c) as waiting
from webhooks.delivery d
join webhooks.endpoint e on e.id = d.endpoint_id
where d.endpoint_id = $1::uuid and d.parked
order by d.attempted_at nulls first, d.position limit 1

-- name: release_parked
update webhooks.delivery set parked = false
where id in (select d.id from webhooks.delivery d where d.endpoint_id = $1::uuid and d.parked order by d.position limit $2::int)
returning id

-- name: replay_deliveries
insert into webhooks.delivery as w (id, endpoint_id, position, type, created_at)
select d.id, d.endpoint_id, d.position, d.type, $5::timestamptz
from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) as d (id, endpoint_id, position, type)
on conflict (endpoint_id, position) do update set state = 'pending', attempts = 0, status = null, error = '', parked = false
returning w.id

-- name: delivery_to_send
select d.id, d.endpoint_id, d.position, d.state, d.attempts, e.url, e.secret, e.previous_secret, e.previous_until, e.enabled,
    e.failing_since is not null as failing
from webhooks.delivery d
join webhooks.endpoint e on e.id = d.endpoint_id
where d.id = $1::uuid

-- name: endpoint_to_ping
select e.url, e.secret, e.previous_secret, e.previous_until from webhooks.endpoint e where e.id = $1::uuid

-- name: rotate_secret
update webhooks.endpoint
set previous_secret = secret, previous_until = $3::timestamptz, secret = $2::text, updated_at = $4::timestamptz
where id = $1::uuid

-- name: record_attempt
update webhooks.delivery set state = $2::text, attempts = attempts + 1, status = $3::bigint, error = $4::text, attempted_at = $5::timestamptz,
    parked = parked and $2::text = 'pending'
where id = $1::uuid and state = 'pending'

-- name: endpoint_works
update webhooks.endpoint set failing_since = null where id = $1::uuid and failing_since is not null

-- name: endpoint_fails
update webhooks.endpoint set failing_since = coalesce(failing_since, $2::timestamptz) where id = $1::uuid and failing_since is null

-- name: disable_endpoint
update webhooks.endpoint set enabled = false, disabled_reason = $2::text, updated_at = $3::timestamptz
where id = $1::uuid and enabled and ($2::text = 'gone' or failing_since < $4::timestamptz)

-- name: list_deliveries
select d.id, d.position, d.type, d.state, d.attempts, d.status, d.error, d.created_at, d.attempted_at
from webhooks.delivery d
where d.endpoint_id = $1::uuid and ($2::bigint is null or d.position < $2::bigint)
order by d.position desc limit $3::int

-- name: purge_deliveries
delete from webhooks.delivery where id in (
    select d.id from webhooks.delivery d where d.created_at < $1::timestamptz order by d.created_at limit 5000)
