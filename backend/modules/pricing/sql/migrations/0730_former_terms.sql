-- What lists were before they were edited: who could buy by them, and when. The terms of today are in the list itself, since `terms_since`.
create table pricing.former_terms (
    id bigint generated always as identity primary key,
    list_id uuid not null references pricing.price_list (id) on delete cascade,
    priority bigint not null,
    channel text,
    customer_group text,
    company_id uuid,
    valid_from timestamptz,
    valid_until timestamptz,
    applies_from timestamptz, -- null: as long as the list had prices
    applies_until timestamptz not null,
    check (applies_until > applies_from)
);
create index former_terms_by_list on pricing.former_terms (list_id, applies_until);

-- `shown_since`: since when the list has been open to its present buyers without a break that an edit made.
alter table pricing.price_list add column terms_since timestamptz, add column shown_since timestamptz;

-- Room for the end of an interval on its own page.
alter table pricing.price_history set (fillfactor = 80);
