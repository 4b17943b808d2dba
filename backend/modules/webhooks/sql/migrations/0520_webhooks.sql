create schema webhooks;

-- Who is told what. The secret signs (sealed: it is needed in clear); the token opens GET /api/v1/events (only its hash is kept).
create table webhooks.endpoint (
    id uuid primary key,
    url text not null check (length(url) between 8 and 2000),
    description text not null default '' check (length(description) <= 200),
    types text[] not null check (array_length(types, 1) between 1 and 50),
    secret text not null,
    token_hash bytea not null unique,
    enabled boolean not null default true,
    disabled_reason text not null default '',
    failing_since timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check (enabled or disabled_reason <> '')
);

-- One event for one endpoint.
create table webhooks.delivery (
    id uuid primary key,
    endpoint_id uuid not null references webhooks.endpoint (id) on delete cascade,
    position bigint not null check (position > 0),
    type text not null,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
    attempts bigint not null default 0,
    status bigint,
    error text not null default '' check (length(error) <= 500),
    created_at timestamptz not null,
    attempted_at timestamptz,
    unique (endpoint_id, position)
);
create index delivery_state on webhooks.delivery (endpoint_id, state, position desc);
create index delivery_old on webhooks.delivery (created_at);
