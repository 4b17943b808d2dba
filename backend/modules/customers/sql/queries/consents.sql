-- name: current_consents
select distinct on (c.kind) c.kind, c.granted, c.at from customers.consent c where c.customer_id = $1::uuid order by c.kind, c.id desc

-- name: consent_history
select c.kind, c.granted, c.text_version, c.text, c.source, c.at from customers.consent c where c.customer_id = $1::uuid order by c.id

-- name: insert_consent
insert into customers.consent (customer_id, kind, granted, text_version, text, source, at)
values ($1::uuid, $2::text, $3::boolean, $4::text, $5::text, $6::text, $7::timestamptz)
