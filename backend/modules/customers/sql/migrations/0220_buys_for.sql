-- The company that somebody buys for: its price lists and its assortment count. Which companies there are is not known here.
alter table customers.customer add column company_id uuid;
create index customer_company on customers.customer (company_id) where company_id is not null;
