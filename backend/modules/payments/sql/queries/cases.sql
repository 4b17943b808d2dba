-- name: cases
-- Which ones ($1), the last found first: one ($2), those of a payable ($2), or a page behind one ($3).
select c.id, c.public_id, c.kind, c.reference, c.transaction_id, c.listed, c.listed_currency, c.found_at, c.resolved_at, c.resolution, c.moved, c.note,
    c.staff_name, c.version, c.attempt_id, c.payable, c.currency, c.method, c.attempt_state, c.amount, c.captured, c.refunded, c.refund_id,
    c.refund_amount, c.refund_state, c.refund_under_way
from payments.known_case c
where c.id = any (case $1::text
    when 'one' then array(select d.id from payments.discrepancy d where d.public_id = $2::uuid)
    when 'of_payable' then array(
        select d.id from payments.attempt p join payments.discrepancy d on d.detail ->> 'reference' = p.reference where p.payable = $2::uuid)
    when 'unresolved' then array(
        select d.id from payments.discrepancy d
        where d.resolved_at is null and ($3::uuid is null or d.id < (select o.id from payments.discrepancy o where o.public_id = $3::uuid))
        order by d.id desc limit $4::int)
    when 'resolved' then array(
        select d.id from payments.discrepancy d
        where d.resolved_at is not null and ($3::uuid is null or d.id < (select o.id from payments.discrepancy o where o.public_id = $3::uuid))
        order by d.id desc limit $4::int)
    end)
order by c.id desc

-- name: lock_case
select d.id from payments.discrepancy d where d.public_id = $1::uuid for update

-- name: lock_attempt_of_case
select a.id from payments.attempt a where a.id = $1::uuid for update

-- name: disputed
select exists (
    select 1 from payments.attempt a
    join payments.discrepancy d on d.detail ->> 'reference' = a.reference and d.resolved_at is null
    where a.payable = $1::uuid and d.kind = 'chargeback') as is_disputed

-- name: resolve_case
update payments.discrepancy
set resolution = $3::text, moved = $4::bigint, note = $5::text, staff_id = $6::uuid, staff_name = $7::text, resolved_at = $8::timestamptz,
    version = version + 1
where public_id = $1::uuid and version = $2::int

-- name: write_off
update payments.attempt set written_off = written_off + $2::bigint, updated_at = $3::timestamptz where id = $1::uuid

-- name: losses_of_payable
select a.id, a.written_off from payments.attempt a where a.payable = $1::uuid and a.written_off > 0 order by a.number for update

-- name: reverse_refund
update payments.refund set state = 'reversed', updated_at = $2::timestamptz where id = $1::uuid and state = 'done'

-- name: take_back_refunded
update payments.attempt set refunded = refunded - $2::bigint, updated_at = $3::timestamptz where id = $1::uuid

-- name: never_captured
update payments.attempt set state = 'failed', captured = 0, updated_at = $2::timestamptz where id = $1::uuid and refunded = 0

-- name: insert_outside_refund
insert into payments.refund (id, attempt_id, amount, is_full, state, reason, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::bigint, true, 'done', 'made in another way', $4::timestamptz, $4::timestamptz)
