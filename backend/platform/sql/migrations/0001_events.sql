create schema events;

-- The version counter of each stream. Its row is locked by whoever appends until that transaction ends, so versions
-- have no gaps and follow the order of commits.
create table events.stream (
    name text primary key check (length(name) between 1 and 200),
    version bigint not null check (version > 0)
);

create table events.event (
    id bigint generated always as identity primary key,
    -- Given by the relay after the commit, without gaps, in an order in which nothing appears behind a reader.
    position bigint unique check (position > 0),
    stream text not null references events.stream (name) on delete restrict,
    version bigint not null check (version > 0),
    type text not null check (length(type) between 1 and 100),
    data jsonb not null check (jsonb_typeof(data) = 'object'),
    at timestamptz not null default clock_timestamp(),
    unique (stream, version)
);

create index event_without_position on events.event (id) where position is null;

-- One row: how far positions have been given. Its lock makes two relays harmless.
create table events.relay (
    singleton boolean primary key default true check (singleton),
    last_position bigint not null default 0
);
