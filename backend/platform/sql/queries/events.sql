-- name: append_events
-- Streams are locked in the order of their names. Versions continue each stream's counter, in the order given.
with input as (
    select t.type, t.stream, t.data, t.n,
           count(*) over (partition by t.stream) as total,
           row_number() over (partition by t.stream order by t.n) as place
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality as t (type, stream, data, n)
), counted as (
    insert into events.stream as s (name, version)
    select i.stream, count(*) from input i group by i.stream order by i.stream
    on conflict (name) do update set version = s.version + excluded.version
    returning s.name, s.version
)
insert into events.event (stream, version, type, data)
select i.stream, c.version - i.total + i.place, i.type, i.data::jsonb
from input i
join counted c on c.name = i.stream
order by i.n;

-- name: notify_events
select pg_notify('stoa_events', $1::text);

-- name: events_after
select position, type, stream, version, data::text as data, at
from events.event
where position > $1::bigint
order by position
limit $2::int;

-- name: events_of_stream
select coalesce(position, 0) as position, type, stream, version, data::text as data, at
from events.event
where stream = $1::text and version > $2::bigint
order by version
limit $3::int;

-- name: events_at
select position, type, stream, version, data::text as data, at
from events.event
where position = any($1::bigint[]);

-- name: events_waiting
select exists (select 1 from events.event where position is null) as waiting;

-- name: lock_relay
-- Makes the row where it is missing, and holds its lock either way.
insert into events.relay (singleton) values (true)
on conflict (singleton) do update set singleton = true
returning last_position;

-- name: give_positions
with batch as (
    select e.id, row_number() over (order by e.id) as place
    from (select id from events.event where position is null order by id limit $2::int) e
)
update events.event e
set position = $1::bigint + batch.place
from batch
where e.id = batch.id
returning e.position, e.type;

-- name: advance_relay
update events.relay set last_position = $1::bigint where singleton;
