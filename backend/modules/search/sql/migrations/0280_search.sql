create schema search;

-- Products bought together, filled by a job from order history.
create table search.related (
    product_id uuid not null references catalog.product (id) on delete cascade,
    related_id uuid not null references catalog.product (id) on delete cascade,
    score bigint not null,
    primary key (product_id, related_id),
    check (product_id <> related_id)
);
create index related_other on search.related (related_id);
