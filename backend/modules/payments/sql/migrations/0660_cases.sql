-- Cases are resolved in the program: by whom, in which way, what was booked for it. A loss that the shop accepted stands at its payment; a
-- chargeback that was won back leaves its row, so that the provider's list does not bring it again.
alter table payments.discrepancy
    add column public_id uuid not null default gen_random_uuid(),
    add column version int not null default 1,
    add column resolution text check (resolution in ('accepted_as_loss', 'booked_as_refund', 'refunded_elsewhere', 'won_back', 'not_paid',
                                                     'difference_booked', 'settled', 'was_error')),
    add column moved bigint not null default 0,
    add column note text not null default '' check (length(note) <= 500),
    add column staff_id uuid,
    add column staff_name text not null default '';
create unique index discrepancy_public_id on payments.discrepancy (public_id);
create index discrepancy_reference on payments.discrepancy ((detail ->> 'reference'));
create index discrepancy_unresolved on payments.discrepancy (id) where resolved_at is null;
create index discrepancy_resolved on payments.discrepancy (id) where resolved_at is not null;

alter table payments.attempt add column written_off bigint not null default 0 check (written_off >= 0);

alter table payments.refund drop constraint refund_state_check;
alter table payments.refund add constraint refund_state_check check (state in ('sent', 'done', 'failed', 'unknown', 'reversed'));

-- A case with the payment that it is about: the second charge of one that was charged twice, else the one whose reference it names.
create view payments.known_case as
select d.id, d.public_id, d.kind, d.detail ->> 'reference' as reference,
    coalesce((d.detail ->> 'transaction_id')::bigint, 0) as transaction_id, (d.detail ->> 'amount')::bigint as listed,
    d.detail ->> 'currency' as listed_currency, d.found_at, d.resolved_at, d.resolution, d.moved, d.note, d.staff_name, d.version,
    coalesce(x.id, a.id) as attempt_id, coalesce(x.payable, a.payable) as payable, coalesce(x.currency, a.currency)::text as currency,
    coalesce(x.method, a.method) as method, coalesce(x.state, a.state) as attempt_state, coalesce(x.amount, a.amount) as amount,
    coalesce(x.captured, a.captured) as captured, coalesce(x.refunded, a.refunded) as refunded,
    r.id as refund_id, r.amount as refund_amount, r.state as refund_state,
    exists (select 1 from payments.refund o where o.attempt_id = coalesce(x.id, a.id) and o.state in ('sent', 'unknown')) as refund_under_way
from payments.discrepancy d
left join payments.attempt a on a.reference = d.detail ->> 'reference'
left join payments.attempt x on d.kind = 'charged_twice' and x.transaction_id = (d.detail ->> 'transaction_id')::bigint
left join payments.refund r on d.kind in ('chargeback', 'refund_made_elsewhere')
    and r.transaction_id = (d.detail ->> 'transaction_id')::bigint and r.attempt_id = a.id;
