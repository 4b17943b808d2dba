-- name: current_consents
select distinct on (c.kind) c.kind, c.granted, c.at from customers.consent c where c.customer_id = $1::uuid order by c.kind, c.id desc

-- name: consent_history
select c.kind, c.granted, c.text_version, c.text, c.source, c.at from customers.consent c where c.customer_id = $1::uuid order by c.id

-- name: insert_consent
insert into customers.consent (customer_id, kind, granted, text_version, text, source, at)
values ($1::uuid, $2::text, $3::boolean, $4::text, $5::text, $6::text, $7::timestamptz)

-- name: insert_guest_consent
insert into customers.guest_consent (email_key, kind, text_version, text, source, at)
values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::timestamptz)

-- name: take_guest_consents
with taken as (
    delete from customers.guest_consent
    where email_key = (select c.email_key from customers.customer c where c.id = $1::uuid)
    returning id, kind, text_version, text, source, at)
insert into customers.consent (customer_id, kind, granted, text_version, text, source, at)
select $1::uuid, t.kind, true, t.text_version, t.text, t.source, t.at from taken t order by t.id

-- name: erase_guest_consents
delete from customers.guest_consent where email_key = $1::text
