-- name: ensure_accounts
insert into ledger.account (id, code, currency, floor, ceiling)
select d.id, d.code, d.currency, d.floor, d.ceiling
from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) as d (id, code, currency, floor, ceiling)
on conflict (code, currency) do nothing

-- name: lock_accounts
select a.id from ledger.account a
join unnest($1::text[], $2::text[]) as d (code, currency) on a.code = d.code and a.currency = d.currency
where a.floor is not null or a.ceiling is not null
order by a.id
for update of a

-- name: find_accounts
select a.id, a.code, a.currency
from ledger.account a
join unnest($1::text[], $2::text[]) as d (code, currency) on a.code = d.code and a.currency = d.currency

-- name: insert_posting
insert into ledger.posting (id, reference, kind, at)
values ($1::uuid, $2::text, $3::text, $4::timestamptz)
on conflict (reference) do nothing

-- name: insert_entries
insert into ledger.entry (posting_id, account_id, amount, currency, subject)
select $1::uuid, d.account_id, d.amount, d.currency, d.subject
from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[]) as d (account_id, amount, currency, subject)

-- name: balance
select coalesce(sum(e.amount), 0)::bigint as balance
from ledger.entry e
join ledger.account a on a.id = e.account_id
where a.code = $1::text and a.currency = $2::text

-- name: balances
select a.code, a.currency, coalesce(sum(e.amount), 0)::bigint as balance
from ledger.account a
left join ledger.entry e on e.account_id = a.id
where a.code = any($1::text[])
group by a.code, a.currency

-- name: history
select e.id, p.reference, p.kind, p.at, e.amount, e.currency, e.subject
from ledger.entry e
join ledger.account a on a.id = e.account_id
join ledger.posting p on p.id = e.posting_id
where a.code = $1::text
order by e.id desc
limit $2::int

-- name: subject_balances
select a.code, e.currency, sum(e.amount)::bigint as amount
from ledger.entry e
join ledger.account a on a.id = e.account_id
where e.subject = $1::text and e.subject <> ''
group by a.code, e.currency
order by a.code, e.currency

-- name: audit
select (select count(*) from (select posting_id from ledger.entry group by posting_id, currency having sum(amount) <> 0) u)::bigint as unbalanced,
       (select count(*) from ledger.account a
        where (a.floor is not null or a.ceiling is not null) and a.balance <> coalesce((select sum(e.amount) from ledger.entry e where e.account_id = a.id), 0))::bigint as drifted,
       (select coalesce(sum(amount), 0) from ledger.entry)::bigint as total
