create schema messaging;

-- One mail to one person. data is what the template shows; secrets (links that log in) are sealed and dropped once the mail is out.
create table messaging.message (
    id uuid primary key,
    template text not null check (template ~ '^[a-z0-9_]{1,64}$'),
    locale text not null check (locale ~ '^[a-z]{2}$'),
    recipient text not null check (length(recipient) <= 320),
    data text not null check (length(data) <= 262144),
    secrets text check (length(secrets) <= 16384),
    related text not null default '' check (length(related) <= 120),
    unique_key text unique check (length(unique_key) between 1 and 200),
    message_id text not null unique check (length(message_id) between 5 and 250),
    state text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'bounced')),
    subject text not null default '' check (length(subject) <= 1000),
    attempts integer not null default 0,
    sending_until timestamptz,
    last_error text not null default '' check (length(last_error) <= 1000),
    created_at timestamptz not null,
    sent_at timestamptz,
    updated_at timestamptz not null,
    check ((state = 'sent') = (sent_at is not null)),
    check (state = 'queued' or state = 'failed' or secrets is null)
);
create index message_related on messaging.message (related, created_at, id) where related <> '';
create index message_unsent on messaging.message (created_at) where state <> 'sent';
create index message_recipient on messaging.message (lower(recipient));
