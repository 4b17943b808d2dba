create schema http;

-- One row per Idempotency-Key and asker. Without a status the work is under way (or its process died: see leased_until).
create table http.idempotency (
    scope text not null check (length(scope) between 1 and 200),
    key text not null check (length(key) between 8 and 128),
    request_hash text not null check (length(request_hash) = 64),
    -- Whose claim it is; changes when another process takes it over.
    claim uuid not null,
    leased_until timestamptz not null,
    created_at timestamptz not null,
    status int check (status between 200 and 599),
    headers text,
    body text,
    primary key (scope, key),
    check ((status is null) = (body is null) and (status is null) = (headers is null))
);

create index idempotency_created_at on http.idempotency (created_at);
