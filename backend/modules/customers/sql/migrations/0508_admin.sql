-- What the back office lists. Erased people are nobody any more.
create extension if not exists pg_trgm;
create schema customers_api;
create view customers_api.admin_customer as
select c.id, coalesce(c.email, '') as email, c.email_key, c.first_name, c.last_name, c.phone, c.locale, c.email_verified_at is not null as verified,
    c.created_at, coalesce((select array_agg(m.group_code order by m.group_code) from customers.group_member m where m.customer_id = c.id), '{}') as groups
from customers.customer c where c.erased_at is null;
