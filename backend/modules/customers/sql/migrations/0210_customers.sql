create schema customers;

-- A person with an account, or one taken over from another system (then without an address or password).
-- email is as typed; email_key decides who is the same. Erased rows keep their id so that orders stay whole.
create table customers.customer (
    id uuid primary key,
    email text check (length(email) between 3 and 254),
    email_key text unique check (length(email_key) between 3 and 254 and email_key = lower(email_key)),
    password_hash text check (length(password_hash) <= 200),
    first_name text not null default '' check (length(first_name) <= 80),
    last_name text not null default '' check (length(last_name) <= 80),
    phone text check (length(phone) <= 32),
    locale text not null check (locale in ('en', 'de', 'nl', 'fr')),
    source_ref text unique check (length(source_ref) <= 120),
    email_verified_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    erased_at timestamptz,
    check ((email is null) = (email_key is null)),
    check (email_verified_at is null or email is not null or erased_at is not null),
    check (erased_at is null or (email is null and password_hash is null and phone is null and first_name = '' and last_name = ''))
);
create index customer_unverified on customers.customer (created_at) where email_verified_at is null and email is not null;

create table customers.customer_group (
    code text primary key check (code ~ '^[a-z0-9_-]{1,40}$'),
    name text not null check (length(name) between 1 and 120)
);
create table customers.group_member (
    customer_id uuid not null references customers.customer (id) on delete cascade,
    group_code text not null references customers.customer_group (code) on delete cascade,
    primary key (customer_id, group_code)
);
create index group_member_group on customers.group_member (group_code);

create table customers.session (
    id uuid primary key,
    token_hash bytea not null unique check (length(token_hash) = 32),
    customer_id uuid not null references customers.customer (id) on delete cascade,
    user_agent text not null default '' check (length(user_agent) <= 300),
    created_at timestamptz not null,
    last_seen_at timestamptz not null
);
create index session_customer on customers.session (customer_id, created_at);
create index session_last_seen on customers.session (last_seen_at);

-- Links sent by mail. What a registration asked for travels with its own link: a second registration of the same address by
-- somebody else cannot change what the first link does.
create table customers.token (
    token_hash bytea primary key check (length(token_hash) = 32),
    customer_id uuid not null references customers.customer (id) on delete cascade,
    purpose text not null check (purpose in ('verify_email', 'reset_password')),
    password_hash text,
    first_name text,
    last_name text,
    locale text,
    accepts_marketing boolean,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    check ((purpose = 'verify_email') = (password_hash is not null))
);
create index token_customer on customers.token (customer_id, purpose, created_at);
create index token_expires on customers.token (expires_at);

-- Requests whose handling would tell whether an address is known. The request only notes them; a job does the rest.
create table customers.intake (
    id uuid primary key,
    kind text not null check (kind in ('register', 'resend', 'forgot')),
    email text not null check (length(email) between 3 and 254),
    password_hash text,
    first_name text,
    last_name text,
    locale text not null,
    accepts_marketing boolean,
    created_at timestamptz not null
);

create table customers.address (
    id uuid primary key,
    customer_id uuid not null references customers.customer (id) on delete cascade,
    first_name text not null check (length(first_name) <= 80),
    last_name text not null check (length(last_name) <= 80),
    company text check (length(company) <= 120),
    line1 text not null check (length(line1) <= 120),
    line2 text check (length(line2) <= 120),
    postal_code text not null check (length(postal_code) <= 16),
    city text not null check (length(city) <= 80),
    state text check (length(state) <= 80),
    country char(2) not null check (country ~ '^[A-Z]{2}$'),
    phone text check (length(phone) <= 32),
    is_default boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index address_customer on customers.address (customer_id, created_at, id);
create unique index address_default on customers.address (customer_id) where is_default;

-- Every decision is kept: what was asked, in which words, when and where. The latest one counts.
create table customers.consent (
    id bigint generated always as identity primary key,
    customer_id uuid not null references customers.customer (id) on delete cascade,
    kind text not null check (kind in ('marketing_email', 'marketing_whatsapp', 'personalisation')),
    granted boolean not null,
    text_version text not null check (length(text_version) <= 40),
    text text not null check (length(text) <= 1000),
    source text not null check (length(source) <= 40),
    at timestamptz not null
);
create index consent_customer on customers.consent (customer_id, kind, id desc);

create table customers.wishlist_item (
    customer_id uuid not null references customers.customer (id) on delete cascade,
    product_id uuid not null,
    added_at timestamptz not null,
    primary key (customer_id, product_id)
);
create index wishlist_order on customers.wishlist_item (customer_id, added_at desc, product_id);
