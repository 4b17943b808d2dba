create schema jobs;

create table jobs.job (
    id bigint generated always as identity primary key,
    kind text not null check (length(kind) between 1 and 100),
    payload jsonb not null default '{}',
    -- A job that an event caused: kind is the handler's name.
    event_position bigint references events.event (position) on delete restrict,
    unique_key text check (length(unique_key) between 1 and 300),
    state text not null default 'ready' check (state in ('ready', 'running', 'done', 'dead')),
    created_at timestamptz not null default now(),
    run_at timestamptz, -- null: at once
    attempts int not null default 0 check (attempts >= 0),
    max_attempts int not null default 12 check (max_attempts > 0),
    lease_until timestamptz,
    worker text,
    finished_at timestamptz,
    last_error text,
    check ((state = 'running') = (lease_until is not null)),
    check ((state in ('done', 'dead')) = (finished_at is not null))
)
-- Rows change state a few times and are looked up by state: keep the indexes short.
with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

create index job_ready on jobs.job ((coalesce(run_at, created_at)), id) where state = 'ready';
create index job_running on jobs.job (lease_until) where state = 'running';
create index job_done on jobs.job (finished_at) where state = 'done';
create index job_dead on jobs.job (finished_at, id) where state = 'dead';
create unique index job_unique_key on jobs.job (kind, unique_key) where unique_key is not null;
create unique index job_event on jobs.job (event_position, kind) where event_position is not null;

create table jobs.schedule (
    name text primary key check (length(name) between 1 and 100),
    cron text not null,
    kind text not null,
    payload jsonb not null,
    next_run_at timestamptz not null,
    last_run_at timestamptz
);
