-- name: next_number
select coalesce(max(a.number), 0)::int + 1 as number from payments.attempt a where a.payable = $1::uuid

-- name: insert_attempt
insert into payments.attempt (id, payable, number, reference, amount, currency, method, state, preauthorise, save_method, customer_id,
    stored_method_id, label, card_hint, slot, merchant_initiated, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::int, $4::text, $5::bigint, $6::text, $7::text, 'sent', $8::boolean, $9::boolean, $10::uuid, $11::uuid, $12::text, $13::jsonb,
    $14::text, $15::boolean, $16::timestamptz, $16::timestamptz)

-- name: find_attempt
select a.id, a.payable, a.number, a.reference, a.amount, a.currency, a.method, a.state, a.preauthorise, a.save_method, a.customer_id,
    a.stored_method_id, a.label, a.decline, a.redirect_url, a.verification_id, a.transaction_id, a.captured, a.refunded, a.created_at,
    a.provider_code, a.second_call_at, a.capture_sent_at, a.slot, a.merchant_initiated, a.written_off
from payments.attempt a where a.id = $1::uuid

-- name: lock_attempt
select a.id, a.payable, a.number, a.reference, a.amount, a.currency, a.method, a.state, a.preauthorise, a.save_method, a.customer_id,
    a.stored_method_id, a.label, a.decline, a.redirect_url, a.verification_id, a.transaction_id, a.captured, a.refunded, a.created_at,
    a.provider_code, a.second_call_at, a.capture_sent_at, a.slot, a.merchant_initiated, a.written_off
from payments.attempt a where a.id = $1::uuid for update

-- name: find_by_reference
select a.id, a.payable, a.number, a.reference, a.amount, a.currency, a.method, a.state, a.preauthorise, a.save_method, a.customer_id,
    a.stored_method_id, a.label, a.decline, a.redirect_url, a.verification_id, a.transaction_id, a.captured, a.refunded, a.created_at,
    a.provider_code, a.second_call_at, a.capture_sent_at, a.slot, a.merchant_initiated, a.written_off
from payments.attempt a where a.reference = $1::text

-- name: attempts_of_payable
select a.id, a.payable, a.number, a.reference, a.amount, a.currency, a.method, a.state, a.preauthorise, a.save_method, a.customer_id,
    a.stored_method_id, a.label, a.decline, a.redirect_url, a.verification_id, a.transaction_id, a.captured, a.refunded, a.created_at,
    a.provider_code, a.second_call_at, a.capture_sent_at, a.slot, a.merchant_initiated, a.written_off
from payments.attempt a where a.payable = $1::uuid order by a.number

-- name: claim_due_attempts
-- Each look counts when it is begun: of two sweeps at once only one looks at a payment, and the steps between looks stay what they are.
with due as (
    select d.id
    from payments.attempt d
    where d.state in ('sent', 'unknown', 'verification_pending', 'tentative')
      and case
            when d.state = 'tentative' then greatest(d.created_at + interval '1 day', d.checked_at + interval '12 hours')
            -- Older ones less and less often, at last once a day.
            when d.checks >= 5 then d.checked_at + make_interval(hours => least(power(2, least(d.checks, 10) - 5)::int, 24))
            -- A second step without its answer may have charged.
            when d.state = 'verification_pending' and d.second_call_at is not null then d.second_call_at + interval '1 minute' * (d.checks + 1)
            when d.state = 'verification_pending' then d.created_at + make_interval(mins => (array[5, 15, 30, 60, 121])[d.checks + 1])
            else d.created_at + make_interval(mins => (array[1, 5, 15, 60, 180])[d.checks + 1])
          end <= $1::timestamptz
      and (d.checked_at is null or d.checked_at < $1::timestamptz - interval '30 seconds')
    order by d.checked_at nulls first, d.created_at
    limit $2::int
    for update skip locked
)
update payments.attempt a set checks = a.checks + 1, checked_at = $1::timestamptz
from due where a.id = due.id
returning a.id, a.payable, a.number, a.reference, a.amount, a.currency, a.method, a.state, a.preauthorise, a.save_method, a.customer_id,
    a.stored_method_id, a.label, a.decline, a.redirect_url, a.verification_id, a.transaction_id, a.captured, a.refunded, a.created_at,
    a.provider_code, a.second_call_at, a.capture_sent_at, a.slot, a.merchant_initiated, a.written_off

-- name: card_hint
select a.card_hint::text as card_hint from payments.attempt a where a.id = $1::uuid

-- name: record_outcome
update payments.attempt
set state = $2::text, decline = $3::text, provider_code = $4::text, processor_status = $5::text,
    request_id = case when $6::text <> '' then $6::text else request_id end,
    auth_code = $7::text, mandate_id = $8::text, redirect_url = $9::text,
    verification_id = coalesce($10::bigint, verification_id), transaction_id = coalesce($11::bigint, transaction_id),
    captured = case when $2::text = 'paid' then amount else captured end,
    updated_at = $12::timestamptz
where id = $1::uuid

-- name: mark_captured
update payments.attempt
set state = 'paid', captured = amount, capture_request_id = $3::text, capture_transaction_id = $4::bigint,
    capture_sent_at = case when preauthorise then coalesce(capture_sent_at, $2::timestamptz) end, updated_at = $2::timestamptz
where id = $1::uuid

-- name: give_up
update payments.attempt set state = 'expired', updated_at = $2::timestamptz
where id = $1::uuid and state = 'verification_pending' and method in ('card', 'stored_card') and second_call_at is null

-- name: begin_second_call
update payments.attempt set second_call_at = $2::timestamptz, updated_at = $2::timestamptz
where id = $1::uuid and state = 'verification_pending' and second_call_at is not distinct from $3::timestamptz

-- name: take_back_second_call
update payments.attempt set second_call_at = $3::timestamptz where id = $1::uuid and second_call_at = $2::timestamptz

-- name: begin_capture
update payments.attempt set capture_sent_at = $2::timestamptz, updated_at = $2::timestamptz
where id = $1::uuid and state = 'preauthorised' and capture_sent_at is not distinct from $3::timestamptz

-- name: take_back_capture
update payments.attempt set capture_sent_at = $3::timestamptz where id = $1::uuid and capture_sent_at = $2::timestamptz

-- name: mark_bounced
update payments.attempt set state = 'declined', decline = 'declined', updated_at = $2::timestamptz where id = $1::uuid

-- name: old_reservations
select count(*)::bigint as number, coalesce(min(a.reference), '') as reference
from payments.attempt a
where a.state = 'preauthorised' and a.created_at < $1::timestamptz and a.created_at > $1::timestamptz - interval '4 days'

-- name: refused_methods
select distinct a.method from payments.attempt a where a.payable = $1::uuid and a.provider_code = '1101'

-- name: insert_stored_method
insert into payments.stored_method (id, customer_id, token, token_hash, brand, last4, expiry_month, expiry_year, created_at)
values ($1::uuid, $2::uuid, decode($3::text, 'hex'), decode($4::text, 'hex'), $5::text, $6::text, $7::text, $8::text, $9::timestamptz)
on conflict (customer_id, token_hash) where removed_at is null do nothing

-- name: stored_methods
select m.id, m.brand, m.last4, m.expiry_month, m.expiry_year, m.consented_at is not null as merchant_may_charge
from payments.stored_method m
where m.customer_id = $1::uuid and m.removed_at is null
order by m.created_at desc
limit 20

-- name: stored_token
select encode(m.token, 'hex') as token, m.brand, m.last4, m.consented_at is not null as merchant_may_charge
from payments.stored_method m where m.id = $1::uuid and m.customer_id = $2::uuid and m.removed_at is null

-- name: remove_stored_method
update payments.stored_method set removed_at = $3::timestamptz, token = ''::bytea
where id = $1::uuid and customer_id = $2::uuid and removed_at is null

-- name: forget_cards_of_customer
with gone as (
    update payments.stored_method set removed_at = $2::timestamptz, token = ''::bytea, token_hash = ''::bytea, brand = '', last4 = '',
        expiry_month = '', expiry_year = ''
    where customer_id = $1::uuid and removed_at is null)
update payments.attempt set save_method = false, updated_at = $2::timestamptz
where customer_id = $1::uuid and save_method and state in ('sent', 'verification_pending', 'unknown')

-- name: set_consent
update payments.stored_method
set consented_at = case when $3::boolean then coalesce(consented_at, $4::timestamptz) end
where id = $1::uuid and customer_id = $2::uuid and removed_at is null

-- name: refunds_of_attempt
select r.id, r.amount, r.is_full, r.state, r.created_at, r.updated_at from payments.refund r where r.attempt_id = $1::uuid order by r.created_at

-- name: refund_sums
select a.id as attempt_id, coalesce(sum(r.amount) filter (where r.state in ('sent', 'unknown')), 0)::bigint as pending,
    coalesce(bool_or(r.state = 'done' and not r.is_full), false) as rest_only,
    exists (select 1 from payments.credit c
        where c.id = case when a.method = 'gift_card' then substr(a.slot, length('credit:') + 1)::uuid end and c.voided_at is not null) as blocked
from payments.attempt a
left join payments.refund r on r.attempt_id = a.id
where a.payable = $1::uuid
group by a.id

-- name: find_refund
select r.attempt_id, r.amount, a.currency, r.is_full, r.state, r.provider_code, r.created_at, r.updated_at
from payments.refund r
join payments.attempt a on a.id = r.attempt_id
where r.id = $1::uuid

-- name: insert_refund
insert into payments.refund (id, attempt_id, amount, is_full, state, reason, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::bigint, $4::boolean, 'sent', $5::text, $6::timestamptz, $6::timestamptz)

-- name: lock_refund
select r.id, r.attempt_id, r.amount, r.state, a.currency, a.payable, a.reference, a.method, a.slot, r.is_full
from payments.refund r
join payments.attempt a on a.id = r.attempt_id
where r.id = $1::uuid
for update of a, r

-- name: record_refund
update payments.refund
set state = $2::text, transaction_id = $3::bigint, request_id = $4::text, provider_code = $5::text, updated_at = $6::timestamptz
where id = $1::uuid

-- name: refund_sent_again
update payments.refund set updated_at = $2::timestamptz
where id = $1::uuid and state in ('sent', 'unknown') and updated_at = $3::timestamptz

-- name: insert_foreign_refund
insert into payments.refund (id, attempt_id, amount, is_full, state, reason, transaction_id, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::bigint, $4::boolean, 'done', $5::text, $6::bigint, $7::timestamptz, $7::timestamptz)
on conflict (transaction_id) where transaction_id is not null do nothing

-- name: add_refunded
update payments.attempt set refunded = refunded + $2::bigint, updated_at = $3::timestamptz where id = $1::uuid

-- name: refunded_of_payable
select coalesce(sum(a.refunded), 0)::bigint as refunded from payments.attempt a where a.payable = $1::uuid and a.currency = $2::text

-- name: insert_inbox
insert into payments.inbox (provider, unique_key, kind, body, remote_ip, received_at)
values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::timestamptz)
on conflict (provider, unique_key) do nothing
returning id

-- name: find_inbox
select i.id, i.kind, i.body, i.processed_at, i.received_at from payments.inbox i where i.id = $1::bigint

-- name: inbox_processed
update payments.inbox set processed_at = $2::timestamptz, outcome = $3::text where id = $1::bigint

-- name: attempts_to_compare
select a.id, a.payable, a.number, a.reference, a.amount, a.currency, a.method, a.state, a.preauthorise, a.save_method, a.customer_id,
    a.stored_method_id, a.label, a.decline, a.redirect_url, a.verification_id, a.transaction_id, a.captured, a.refunded, a.created_at,
    a.provider_code, a.second_call_at, a.capture_sent_at, a.slot, a.merchant_initiated, a.written_off
from payments.attempt a
where a.method not in ('invoice', 'gift_card', 'store_credit')
  and ((coalesce(a.capture_sent_at, a.created_at) >= $1::timestamptz and coalesce(a.capture_sent_at, a.created_at) < $2::timestamptz)
       or a.reference = any($3::text[]) or a.transaction_id = any($4::bigint[]))

-- name: open_refunds
select r.id, r.attempt_id, r.amount from payments.refund r where r.attempt_id = any($1::uuid[]) and r.state in ('sent', 'unknown')

-- name: insert_found_attempt
insert into payments.attempt (id, payable, number, reference, amount, currency, method, state, label, transaction_id, captured, created_at,
    updated_at)
values ($1::uuid, $2::uuid, $3::int, $4::text, $5::bigint, $6::text, $7::text, 'failed', $8::text, $9::bigint, $5::bigint, $10::timestamptz,
    $10::timestamptz)
on conflict (transaction_id) where transaction_id is not null do nothing

-- name: refund_transactions
select r.transaction_id from payments.refund r where r.transaction_id = any($1::bigint[])

-- name: insert_discrepancy
insert into payments.discrepancy (unique_key, kind, detail, found_at)
values ($1::text, $2::text, $3::jsonb, $4::timestamptz)
on conflict (unique_key) do nothing

-- name: case_of_key
select d.id from payments.discrepancy d where d.unique_key = $1::text

-- name: open_case
select exists (
    select 1 from payments.attempt a
    join payments.discrepancy d on d.detail ->> 'reference' = a.reference and d.resolved_at is null
    where a.payable = $1::uuid) as is_open

-- name: record_late_capture
update payments.attempt set captured = amount, updated_at = $2::timestamptz where id = $1::uuid

-- name: purge_inbox
delete from payments.inbox i
where i.id in (select o.id from payments.inbox o where o.received_at < $1::timestamptz order by o.received_at limit $2::int for update skip locked)
