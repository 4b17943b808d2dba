-- name: claim_idempotency_key
-- A row comes back when the key is ours: new, or left behind by a process that died with the same request in hand (or with one whose
-- hash migration 0700 blanked).
insert into http.idempotency as i (scope, key, request_hash, claim, leased_until, created_at)
values ($1::text, $2::text, $3::text, $4::uuid, $5::timestamptz + make_interval(secs => $6::int), $5::timestamptz)
on conflict (scope, key) do update
    set claim = excluded.claim, leased_until = excluded.leased_until, request_hash = excluded.request_hash
    where i.status is null and i.leased_until < $5::timestamptz and i.request_hash in (excluded.request_hash, repeat('0', 64))
returning i.claim;

-- name: find_idempotency_key
select request_hash, status, headers, body, greatest(1, ceil(extract(epoch from leased_until - $3::timestamptz)))::int as seconds_left
from http.idempotency
where scope = $1::text and key = $2::text;

-- name: store_idempotent_response
update http.idempotency
set status = $4::int, headers = $5::text, body = $6::text
where scope = $1::text and key = $2::text and claim = $3::uuid and status is null;

-- name: release_idempotency_key
delete from http.idempotency
where scope = $1::text and key = $2::text and claim = $3::uuid and status is null;

-- name: purge_idempotency_keys
delete from http.idempotency
where ctid = any(array(
    select ctid from http.idempotency where created_at < $1::timestamptz order by created_at limit 5000));
