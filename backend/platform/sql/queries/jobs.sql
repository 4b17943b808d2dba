-- name: insert_job
-- The notification is sent with the commit; the leading worker passes the id on.
with added as (
    insert into jobs.job (kind, payload, run_at, unique_key, max_attempts)
    values ($1::text, $2::text::jsonb, $3::timestamptz, $4::text, $5::int)
    on conflict (kind, unique_key) where unique_key is not null do nothing
    returning id, run_at
)
select id, case when run_at is null then pg_notify('stoa_jobs', id::text)::text end as told
from added;

-- name: notify_job
select pg_notify('stoa_jobs', $1::text);

-- name: insert_jobs
insert into jobs.job (kind, payload, max_attempts)
select $1::text, t.payload::jsonb, $3::int
from unnest($2::text[]) with ordinality as t (payload, n)
order by t.n;

-- name: insert_event_jobs
insert into jobs.job (kind, event_position, max_attempts)
select t.kind, t.position, $3::int
from unnest($1::text[], $2::bigint[]) with ordinality as t (kind, position, n)
order by t.n
on conflict (event_position, kind) where event_position is not null do nothing
returning id;

-- name: claim_jobs
-- The oldest due jobs of these kinds. Rows another worker is taking are passed over.
with due as (
    select j.id
    from jobs.job j
    where j.state = 'ready'
      and coalesce(j.run_at, j.created_at) <= greatest(now(), $1::timestamptz)
      and (j.run_at is null or j.run_at <= $1::timestamptz)
      and j.kind = any($2::text[])
    order by coalesce(j.run_at, j.created_at), j.id
    limit $4::int
    for update skip locked
)
update jobs.job j
set state = 'running', attempts = j.attempts + 1, worker = $5::text,
    lease_until = $1::timestamptz + k.lease * interval '1 second'
from due, unnest($2::text[], $3::bigint[]) as k (kind, lease)
where j.id = due.id and k.kind = j.kind
returning j.id, j.kind, j.payload::text as payload, j.attempts, j.max_attempts, coalesce(j.event_position, 0) as event_position;

-- name: claim_these_jobs
with due as (
    select j.id
    from jobs.job j
    where j.id = any($4::bigint[])
      and j.state = 'ready'
      and (j.run_at is null or j.run_at <= $1::timestamptz)
      and j.kind = any($2::text[])
    order by j.id
    for update skip locked
)
update jobs.job j
set state = 'running', attempts = j.attempts + 1, worker = $5::text,
    lease_until = $1::timestamptz + k.lease * interval '1 second'
from due, unnest($2::text[], $3::bigint[]) as k (kind, lease)
where j.id = due.id and k.kind = j.kind
returning j.id, j.kind, j.payload::text as payload, j.attempts, j.max_attempts, coalesce(j.event_position, 0) as event_position;

-- name: complete_job
-- Only while the job is still this attempt's: no row means that the lease was lost.
update jobs.job
set state = 'done', finished_at = $3::timestamptz, lease_until = null, last_error = null
where id = $1::bigint and attempts = $2::int and state = 'running';

-- name: retry_job
update jobs.job
set state = 'ready', run_at = $3::timestamptz, lease_until = null, last_error = $4::text
where id = $1::bigint and attempts = $2::int and state = 'running';

-- name: bury_job
update jobs.job
set state = 'dead', finished_at = $3::timestamptz, lease_until = null, last_error = $4::text
where id = $1::bigint and attempts = $2::int and state = 'running';

-- name: postpone_job
-- Does not count as an attempt; $3 null: at once.
update jobs.job
set state = 'ready', run_at = $3::timestamptz, lease_until = null, attempts = attempts - 1
where id = $1::bigint and attempts = $2::int and state = 'running';

-- name: extend_leases
-- Rows whose handler's transaction is about to complete them are locked and need nothing.
update jobs.job j
set lease_until = greatest(j.lease_until, $4::timestamptz + w.lease * interval '1 second')
from (
    select l.id, t.lease
    from unnest($1::bigint[], $2::int[], $3::bigint[]) as t (id, attempts, lease)
    join jobs.job l on l.id = t.id and l.attempts = t.attempts and l.state = 'running'
    for update of l skip locked
) w
where j.id = w.id;

-- name: reclaim_jobs
-- Their workers died. A locked row belongs to a transaction that is alive.
with lost as (
    select id from jobs.job
    where state = 'running' and lease_until < $1::timestamptz
    order by lease_until
    limit 1000
    for update skip locked
)
update jobs.job j
set state = case when j.attempts >= j.max_attempts then 'dead' else 'ready' end,
    finished_at = case when j.attempts >= j.max_attempts then $1::timestamptz end,
    run_at = case when j.attempts >= j.max_attempts then j.run_at else $1::timestamptz end,
    lease_until = null,
    last_error = 'the worker ' || coalesce(j.worker, '') || ' ended, or hung, while it ran this job'
from lost
where j.id = lost.id
returning j.id, j.kind, j.state;

-- name: dead_jobs
select id, kind, payload::text as payload, attempts, coalesce(last_error, '') as last_error, finished_at
from jobs.job
where state = 'dead'
order by finished_at desc, id desc
limit $1::int;

-- name: replay_job
update jobs.job
set state = 'ready', attempts = 0, run_at = null, finished_at = null
where id = $1::bigint and state = 'dead';

-- name: replay_dead_jobs
update jobs.job j
set state = 'ready', attempts = 0, run_at = null, finished_at = null
from (
    select id from jobs.job where state = 'dead' and finished_at < $1::timestamptz order by finished_at, id limit $2::int for update skip locked
) dead
where j.id = dead.id;

-- name: purge_done_jobs
with old as (
    select id from jobs.job
    where state = 'done' and finished_at < $1::timestamptz
    order by finished_at
    limit $2::int
    for update skip locked
)
delete from jobs.job j using old where j.id = old.id;

-- name: put_schedule
-- A new expression starts over; otherwise the next run stays what it was, so that one missed while nothing ran is made up for.
insert into jobs.schedule as s (name, cron, kind, payload, next_run_at)
values ($1::text, $2::text, $3::text, $4::text::jsonb, $5::timestamptz)
on conflict (name) do update
set kind = excluded.kind, payload = excluded.payload, cron = excluded.cron,
    next_run_at = case when s.cron = excluded.cron then s.next_run_at else excluded.next_run_at end;

-- name: due_schedules
select name, cron, kind, payload::text as payload, next_run_at
from jobs.schedule
where name = any($1::text[]) and next_run_at <= $2::timestamptz
order by name
for update skip locked;

-- name: advance_schedule
update jobs.schedule
set next_run_at = $2::timestamptz, last_run_at = $3::timestamptz
where name = $1::text;
