-- Payments know a payable (an id and a reference), never an order. No card data is ever stored; a stored method is the provider's
-- token, encrypted.
create schema payments;

create table payments.stored_method (
    id uuid primary key,
    customer_id uuid not null,
    token bytea not null,          -- encrypted
    token_hash bytea not null,     -- the same card again is the same row
    brand text not null default '',
    last4 text not null default '',
    expiry_month text not null default '',
    expiry_year text not null default '',
    created_at timestamptz not null,
    removed_at timestamptz
);
create unique index stored_method_token on payments.stored_method (customer_id, token_hash) where removed_at is null;

create table payments.attempt (
    id uuid primary key,
    payable uuid not null,
    number int not null check (number > 0),
    reference text not null unique,
    amount bigint not null check (amount > 0),
    currency char(3) not null,
    method text not null check (method in ('card', 'stored_card', 'sepa', 'hosted', 'invoice')),
    state text not null
        check (state in ('sent', 'verification_pending', 'paid', 'preauthorised', 'tentative', 'deferred', 'declined', 'failed', 'expired', 'unknown')),
    preauthorise boolean not null default false,
    save_method boolean not null default false,
    customer_id uuid,
    stored_method_id uuid references payments.stored_method (id) on delete set null,
    label text not null default '',
    card_hint jsonb,               -- brand, last four, expiry from our own form, for a stored method
    decline text not null default 'none',
    provider_code text not null default '',
    processor_status text not null default '',
    request_id text not null default '',
    auth_code text not null default '',
    mandate_id text not null default '',
    redirect_url text not null default '',
    verification_id bigint,
    transaction_id bigint,
    captured bigint not null default 0 check (captured >= 0 and captured <= amount),
    refunded bigint not null default 0 check (refunded >= 0 and refunded <= captured),
    checks int not null default 0,
    checked_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    unique (payable, number)
);
-- At most one attempt of a payable may succeed or be under way.
create unique index attempt_one_living on payments.attempt (payable)
    where state in ('sent', 'verification_pending', 'unknown', 'paid', 'preauthorised', 'tentative', 'deferred');
create index attempt_open on payments.attempt (created_at) where state in ('sent', 'verification_pending', 'unknown');
create unique index attempt_transaction on payments.attempt (transaction_id) where transaction_id is not null;

create table payments.refund (
    id uuid primary key,
    attempt_id uuid not null references payments.attempt (id) on delete restrict,
    amount bigint not null check (amount > 0),
    is_full boolean not null,
    state text not null check (state in ('sent', 'done', 'failed', 'unknown')),
    reason text not null default '',
    transaction_id bigint,
    request_id text not null default '',
    provider_code text not null default '',
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index refund_attempt on payments.refund (attempt_id);
create unique index refund_one_open on payments.refund (attempt_id) where state in ('sent', 'unknown');

-- Facts that the provider told us, once each.
create table payments.inbox (
    id bigint generated always as identity primary key,
    provider text not null,
    unique_key text not null,
    kind text not null,
    body text not null,
    remote_ip text not null default '',
    received_at timestamptz not null,
    processed_at timestamptz,
    outcome text not null default '',
    unique (provider, unique_key)
);

-- Differences between our books and the provider's, for people to look at.
create table payments.discrepancy (
    id bigint generated always as identity primary key,
    unique_key text not null unique,
    kind text not null,
    detail jsonb not null,
    found_at timestamptz not null,
    resolved_at timestamptz
);
