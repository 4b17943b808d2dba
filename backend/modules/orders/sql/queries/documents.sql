-- name: find_entity
select e.code, e.name, e.contact_name, e.email, e.phone, e.line1, e.line2, e.postal_code, e.city, e.state, e.country, e.vat_id, e.tax_number,
    e.registration, e.iban, e.bic, e.account_name, e.payment_days, e.issue_on, e.vat_currency
from orders.legal_entity e where e.code = $1::text

-- name: save_entity
insert into orders.legal_entity (code, name, contact_name, email, phone, line1, line2, postal_code, city, state, country, vat_id, tax_number,
    registration, iban, bic, account_name, payment_days, issue_on, vat_currency)
values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text, $13::text,
    $14::text, $15::text, $16::text, $17::text, $18::bigint, $19::text, $20::text)
on conflict (code) do update set name = excluded.name, contact_name = excluded.contact_name, email = excluded.email, phone = excluded.phone,
    line1 = excluded.line1, line2 = excluded.line2, postal_code = excluded.postal_code, city = excluded.city, state = excluded.state,
    country = excluded.country, vat_id = excluded.vat_id, tax_number = excluded.tax_number, registration = excluded.registration,
    iban = excluded.iban, bic = excluded.bic, account_name = excluded.account_name, payment_days = excluded.payment_days,
    issue_on = excluded.issue_on, vat_currency = excluded.vat_currency

-- name: vat_rate_of_day
-- The latest that counts on that day.
select trim_scale(r.rate)::text as rate, r.day, r.source
from orders.vat_rate r
where r.vat_currency = $1::text and r.currency = $2::text and r.day <= $3::date and r.day + r.valid_days > $3::date
order by r.day desc
limit 1

-- name: save_vat_rate
insert into orders.vat_rate (id, vat_currency, currency, day, rate, source, valid_days)
values ($1::uuid, $2::text, $3::text, $4::date, $5::numeric, $6::text, $7::int)
on conflict (vat_currency, currency, day) do update set rate = excluded.rate, source = excluded.source, valid_days = excluded.valid_days
returning id

-- name: delete_vat_rate
delete from orders.vat_rate where id = $1::uuid

-- name: document_waits
insert into orders.document_waits as w (order_id, shipped, missing, since) values ($1::uuid, $2::boolean, $3::text, $4::timestamptz)
on conflict (order_id) do update set shipped = w.shipped or excluded.shipped, missing = excluded.missing
returning w.xmax = 0 as is_new

-- name: documents_that_wait
select w.order_id from orders.document_waits w where $1::uuid is null or w.order_id > $1::uuid order by w.order_id limit $2::int

-- name: find_waiting_document
select w.shipped, w.missing from orders.document_waits w where w.order_id = $1::uuid

-- name: document_waits_no_more
delete from orders.document_waits where order_id = $1::uuid

-- name: credited_tax_of_invoice
select coalesce(sum((d.data -> 'tax_total' ->> 'amount')::bigint), 0)::bigint as tax from orders.document d where d.invoice_id = $1::uuid

-- name: sold_head
select o.number, o.locale, o.email, o.phone, o.vat_id, o.currency, o.tax_included, o.state, o.payment_state, o.payment_method, o.payment_label,
    o.shipping_method ->> 'method_name' as delivery_name, o.shipping_method -> 'promise' ->> 'to' as arrives, o.placed_at, o.total,
    o.shipping_address::text as shipping_address, o.billing_address::text as billing_address
from orders.orders o where o.id = $1::uuid

-- name: sold_tax_lines
select t.basis_points, t.treatment, t.reason, t.net, t.tax from orders.tax_line t where t.order_id = $1::uuid order by t.position

-- name: next_document_number
insert into orders.document_counter as c (entity, kind, last) values ($1::text, $2::text, 100001)
on conflict (entity, kind) do update set last = c.last + 1
returning (select case when $2::text = 'invoice' then e.invoice_prefix else e.credit_prefix end from orders.legal_entity e where e.code = $1::text)
    || c.last as number

-- name: insert_document
insert into orders.document (id, entity, kind, number, order_id, invoice_id, reference, issued_at, currency, total, data)
values ($1::uuid, $2::text, $3::text, $4::text, $5::uuid, $6::uuid, $7::text, $8::timestamptz, $9::text, $10::bigint, $11::jsonb)

-- name: insert_credits
insert into orders.document_credit (document_id, part, place, quantity, amount)
select $1::uuid, c.part, c.place, c.quantity, c.amount
from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) as c (part, place, quantity, amount)

-- name: lock_order_for_document
select o.id from orders.orders o where o.id = $1::uuid for update

-- name: find_invoice_of_order
select d.id, d.entity, d.order_id, d.kind, d.number, d.issued_at, d.currency, d.total, d.data::text as data,
    d.reference = 'invoice:' || $1::uuid::text as is_first
from orders.document d where d.order_id = $1::uuid and d.kind = 'invoice'
order by d.issued_at desc, d.id desc
limit 1

-- name: credits_of_invoice
select c.part, c.place, sum(c.quantity)::bigint as quantity, sum(c.amount)::bigint as amount
from orders.document d
join orders.document_credit c on c.document_id = d.id
where d.invoice_id = $1::uuid
group by c.part, c.place

-- name: find_document_by_reference
select d.id, d.order_id, d.kind, d.number, d.issued_at, d.currency, d.total, array[]::text[] as formats
from orders.document d where d.reference = $1::text

-- name: find_document
select d.id, d.order_id, d.kind, d.number, d.issued_at, d.currency, d.total,
    array(select f.format from orders.document_file f where f.document_id = d.id order by f.format) as formats
from orders.document d where d.id = $1::uuid

-- name: documents_of_order
select d.id, d.order_id, d.kind, d.number, d.issued_at, d.currency, d.total,
    array(select f.format from orders.document_file f where f.document_id = d.id order by f.format) as formats
from orders.document d where d.order_id = $1::uuid order by d.issued_at, d.id limit 200

-- name: document_data
select d.entity, d.data::text as data from orders.document d where d.id = $1::uuid

-- name: granted_refund
select r.order_id, r.shipping, r.shipping_tax, r.adjustment, r.adjustment_tax, r.reason, o.currency, o.tax_included
from orders.refund r
join orders.orders o on o.id = r.order_id
where r.id = $1::uuid

-- name: granted_refunds_of_order
select r.id from orders.refund r where r.order_id = $1::uuid and r.amount > 0 order by r.created_at, r.id

-- name: granted_refund_lines
select l.line_id, l.quantity, l.amount, l.tax, o.tax_treatment
from orders.refund_line l join orders.line o on o.id = l.line_id
where l.refund_id = $1::uuid order by l.line_id

-- name: find_document_file
select f.key, f.sha256, d.number from orders.document_file f
join orders.document d on d.id = f.document_id
where f.document_id = $1::uuid and f.format = $2::text

-- name: insert_document_files
insert into orders.document_file (document_id, format, key, sha256, size, made_at)
select $1::uuid, f.format, f.key, f.sha256, f.size, $6::timestamptz
from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as f (format, key, sha256, size)
on conflict (document_id, format) do nothing
