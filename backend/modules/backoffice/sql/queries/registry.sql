-- name: lock_row
select pg_advisory_xact_lock(hashtextextended($1::text, 7250002))::text as locked

