-- name: calendar
select c.time_zone from backoffice.calendar c

-- name: begin_of_day
-- As clocks show it there: a day of 23 or 25 hours begins at midnight too.
select date_trunc('day', $1::timestamptz, c.time_zone) as day from backoffice.calendar c

-- name: is_time_zone
select exists (select from pg_catalog.pg_timezone_names z where z.name = $1::text) as found

-- name: set_time_zone
update backoffice.calendar set time_zone = $1::text
