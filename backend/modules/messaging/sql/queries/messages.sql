-- name: insert_message
insert into messaging.message (id, template, locale, recipient, data, secrets, related, unique_key, message_id, created_at, updated_at, attachments)
values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::timestamptz, $10::timestamptz, $11::jsonb)
on conflict (unique_key) do nothing

-- name: claim_message
update messaging.message set attempts = attempts + 1, sending_until = $2::timestamptz + interval '3 minutes', updated_at = $2::timestamptz
where id = $1::uuid and state in ('queued', 'failed') and (sending_until is null or sending_until <= $2::timestamptz)
returning template, locale, recipient, data, secrets, message_id, created_at, attachments::text as attachments

-- name: find_state
select m.state, m.sending_until from messaging.message m where m.id = $1::uuid

-- name: mark_sent
update messaging.message set state = 'sent', sent_at = $2::timestamptz, updated_at = $2::timestamptz, secrets = null, subject = $3::text, sending_until = null, last_error = ''
where id = $1::uuid and state in ('queued', 'failed')

-- name: mark_refused
update messaging.message set state = $3::text, updated_at = $2::timestamptz, secrets = case when $3::text = 'bounced' then null else secrets end,
    subject = $4::text, sending_until = null, last_error = $5::text
where id = $1::uuid and state in ('queued', 'failed')

-- name: mark_later
update messaging.message set updated_at = $2::timestamptz, sending_until = null, last_error = $3::text
where id = $1::uuid and state = 'queued'

-- name: list_related
select m.id, m.template, m.recipient, m.subject, m.state, m.attempts, m.created_at, m.sent_at, m.updated_at, m.last_error
from messaging.message m
where m.related = $1::text and m.related <> ''
order by m.created_at, m.id limit 200

-- name: list_for_recipient
select m.id, m.template, m.recipient, m.subject, m.state, m.attempts, m.created_at, m.sent_at, m.updated_at, m.last_error
from messaging.message m
where lower(m.recipient) = lower($1::text)
order by m.created_at, m.id limit 1000

-- name: forget_recipient
update messaging.message set recipient = '', data = '{}', secrets = null, attachments = null, subject = '', last_error = '', updated_at = $2::timestamptz,
    state = case when state = 'sent' then 'sent' else 'bounced' end
where lower(recipient) = lower($1::text)
