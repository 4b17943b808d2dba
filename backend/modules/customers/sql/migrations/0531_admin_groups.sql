-- Groups as the back office lists them, and the company that somebody buys for.
create or replace view customers_api.admin_customer as
select c.id, coalesce(c.email, '') as email, c.email_key, c.first_name, c.last_name, c.phone, c.locale, c.email_verified_at is not null as verified,
    c.created_at, coalesce((select array_agg(m.group_code order by m.group_code) from customers.group_member m where m.customer_id = c.id), '{}') as groups,
    c.company_id
from customers.customer c where c.erased_at is null;
create view customers_api.admin_group as
select g.code as id, g.name, (select count(*) from customers.group_member m where m.group_code = g.code) as members
from customers.customer_group g;
