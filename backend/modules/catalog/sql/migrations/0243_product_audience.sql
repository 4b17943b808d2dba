-- Who may see a product: without a row everybody, otherwise only buyers of one of these groups or companies.
create table catalog.product_audience (
    product_id uuid not null references catalog.product (id) on delete cascade,
    customer_group text check (length(customer_group) between 1 and 60),
    company_id uuid,
    check (num_nonnulls(customer_group, company_id) = 1)
);
create unique index product_audience_group on catalog.product_audience (product_id, customer_group) where customer_group is not null;
create unique index product_audience_company on catalog.product_audience (product_id, company_id) where company_id is not null;
