-- When the merchant's day begins.
create table backoffice.calendar (
    only_row boolean primary key default true check (only_row),
    time_zone text not null default 'UTC' check (length(time_zone) between 1 and 60)
);
insert into backoffice.calendar default values;
create view backoffice.admin_calendar as select 'main'::text as id, c.time_zone from backoffice.calendar c;
