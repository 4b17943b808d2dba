-- name: insert_gift_card
insert into payments.credit (id, kind, currency, code_hash, code_hint, issued, email, note, expires_at, staff_id, staff_name, created_at, updated_at)
values ($1::uuid, 'gift_card', $2::text, decode($3::text, 'hex'), $4::text, $5::bigint, $6::text, $7::text, $8::timestamptz, $9::uuid, $10::text,
    $11::timestamptz, $11::timestamptz)

-- name: ensure_store_credit
insert into payments.credit (id, kind, currency, customer_id, created_at, updated_at)
values ($1::uuid, 'store_credit', $2::text, $3::uuid, $4::timestamptz, $4::timestamptz)
on conflict (customer_id, currency) where kind = 'store_credit' do nothing

-- name: find_credits
select c.id, c.kind, c.currency, c.code_hint, c.customer_id, c.issued, c.email, c.note, c.expires_at, c.voided_at, c.suspended_at, c.staff_name, c.created_at
from payments.credit c where c.id = any($1::uuid[]) order by c.id

-- name: credit_by_code
select c.id from payments.credit c where c.code_hash = decode($1::text, 'hex')

-- name: credits_of_customer
select c.id from payments.credit c where c.kind = 'store_credit' and c.customer_id = $1::uuid order by c.currency

-- name: newest_credits
select c.id, c.created_at from payments.credit c
where c.kind = 'gift_card'
  and ($1::timestamptz is null or (c.created_at, c.id) < ($1::timestamptz, $2::uuid))
  and ($4::text is null or c.code_hint = upper($4::text) or lower(c.email) = lower($4::text))
order by c.created_at desc, c.id desc
limit $3::int

-- name: lock_credits
select c.id from payments.credit c where c.id = any($1::uuid[]) order by c.id for update

-- name: lock_credit
select c.voided_at from payments.credit c where c.id = $1::uuid for update

-- name: held_by_others
select h.credit_id, sum(h.amount)::bigint as amount
from payments.credit_hold h
where h.credit_id = any($1::uuid[]) and h.expires_at > $2::timestamptz and h.owner <> all($3::uuid[])
group by h.credit_id

-- name: holds_of
select h.credit_id, h.amount from payments.credit_hold h where h.owner = $1::uuid order by h.credit_id

-- name: insert_holds
insert into payments.credit_hold (owner, credit_id, amount, expires_at)
select $1::uuid, d.credit_id, d.amount, $4::timestamptz
from unnest($2::uuid[], $3::bigint[]) as d (credit_id, amount)

-- name: release_holds
delete from payments.credit_hold where owner = $1::uuid

-- name: purge_holds
-- What belongs to a payment that may still succeed stays, however long that takes.
delete from payments.credit_hold h
where h.expires_at < $1::timestamptz
  and not exists (select 1 from payments.attempt a where a.payable = h.owner and a.state in ('sent', 'unknown', 'verification_pending'))

-- name: next_attempt_number
select coalesce(max(a.number), 0)::int + 1 as number from payments.attempt a where a.payable = $1::uuid

-- name: insert_spent
insert into payments.attempt (id, payable, number, reference, amount, currency, method, state, label, slot, captured, customer_id, created_at,
    updated_at)
values ($1::uuid, $2::uuid, $3::int, $4::text, $5::bigint, $6::text, $7::text, 'paid', $8::text, $9::text, $5::bigint, $10::uuid, $11::timestamptz,
    $11::timestamptz)

-- name: void_credit
update payments.credit set voided_at = $2::timestamptz, updated_at = $2::timestamptz where id = $1::uuid and voided_at is null

-- name: suspend_credits
update payments.credit set suspended_at = case when $2::boolean then $3::timestamptz end, updated_at = $3::timestamptz
where id = any($1::uuid[]) and voided_at is null and (suspended_at is not null) <> $2::boolean

-- name: forget_credit_address
update payments.credit set email = '', updated_at = $2::timestamptz where lower(email) = lower($1::text) and email <> ''

-- name: forget_credit_addresses
update payments.credit set email = '', updated_at = $2::timestamptz where id = any($1::uuid[]) and email <> ''

-- name: extend_credit
update payments.credit set expires_at = $2::timestamptz, updated_at = $3::timestamptz
where id = $1::uuid and expires_at < $3::timestamptz
