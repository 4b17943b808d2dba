-- A checkout is what the shopper has decided about one cart so far.
create schema checkout;

create table checkout.checkout (
    id uuid primary key,
    cart_id uuid not null unique,
    email text check (length(email) <= 320),
    phone text check (length(phone) <= 40),
    accepts_marketing boolean not null default false,
    shipping_address jsonb,
    billing_address jsonb,
    shipping_option jsonb,
    -- What the option was priced for; another cart content or address makes it void.
    option_basis text not null default '',
    service_point jsonb,
    hold_expires_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- Which order and attempt a completion request (Idempotency-Key) led to, written with them: a repeated request finds its own outcome
-- also when the process died before it could answer.
create table checkout.completion (
    scope text not null,
    key text not null,
    order_id uuid not null references orders.orders (id) on delete cascade,
    attempt_id uuid,
    created_at timestamptz not null,
    primary key (scope, key)
);
create index completion_age on checkout.completion (created_at);
