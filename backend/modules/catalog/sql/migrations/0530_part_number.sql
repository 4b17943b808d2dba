-- What a company, or a group of customers, calls a variant. `normal` is the number as it is compared: without case, accents and separators.
create table catalog.part_number (
    id uuid primary key,
    customer_group text check (length(customer_group) between 1 and 60),
    company_id uuid,
    owner text not null generated always as (coalesce(company_id::text, 'group ' || customer_group)) stored,
    number text not null check (length(number) between 1 and 64),
    normal text collate "C" not null check (length(normal) between 1 and 128),
    variant_id uuid not null references catalog.variant (id) on delete cascade,
    updated_at timestamptz not null,
    check (num_nonnulls(customer_group, company_id) = 1)
);
-- One number names one variant for its owner; also answers "begins with".
create unique index part_number_owner on catalog.part_number (owner, normal);
create index part_number_variant on catalog.part_number (variant_id, owner);

create view catalog_api.admin_part_number as
select p.id, p.number, p.customer_group, p.company_id, p.variant_id, v.sku, v.product_id, coalesce(en.name, '') as product_name, p.updated_at
from catalog.part_number p
join catalog.variant v on v.id = p.variant_id
left join catalog.product_text en on en.product_id = v.product_id and en.locale = 'en';
