create schema pricing;

-- Who a list is for: every null column means "everybody". The list that wins for a variant: priority, then company before
-- group before channel, then the lower price, then the code.
create table pricing.price_list (
    id uuid primary key,
    code text not null unique check (code ~ '^[a-z0-9][a-z0-9_.-]{0,59}$'),
    name text not null check (length(name) between 1 and 120),
    currency char(3) not null,
    tax_included boolean not null,
    export_net boolean not null default false,
    enabled boolean not null default true,
    priority bigint not null default 0,
    channel text check (length(channel) between 1 and 40),
    customer_group text check (length(customer_group) between 1 and 60),
    company_id uuid,
    valid_from timestamptz,
    valid_until timestamptz,
    check (valid_until is null or valid_from is null or valid_until > valid_from)
);
create index price_list_by_currency on pricing.price_list (currency) where enabled;

-- One price of a variant in a list: base (no window) or scheduled (with valid_from). Tiers ascending, the first from 1.
create table pricing.price (
    id uuid primary key,
    list_id uuid not null references pricing.price_list (id) on delete cascade,
    variant_id uuid not null,
    tier_quantities bigint[] not null,
    tier_amounts bigint[] not null,
    valid_from timestamptz,
    valid_until timestamptz,
    recorded_at timestamptz not null,
    check (array_length(tier_quantities, 1) between 1 and 50),
    check (array_length(tier_quantities, 1) = array_length(tier_amounts, 1)),
    check (tier_quantities[1] = 1),
    check (0 <= all (tier_amounts)),
    check (valid_from is not null or valid_until is null),
    check (valid_until is null or valid_until > valid_from)
);
create unique index price_base on pricing.price (variant_id, list_id) where valid_from is null;
create unique index price_scheduled on pricing.price (variant_id, list_id, valid_from) where valid_from is not null;
create index price_by_list on pricing.price (list_id);
create index price_opens on pricing.price (valid_from) where valid_from is not null;
create index price_closes on pricing.price (valid_until) where valid_until is not null;

-- What one unit cost, and when it did: written by every change of a price, never rewritten but for the end of an interval.
create table pricing.price_history (
    id bigint generated always as identity primary key,
    list_id uuid not null references pricing.price_list (id) on delete cascade,
    variant_id uuid not null,
    starts timestamptz, -- of a scheduled price: its valid_from
    amount bigint not null,
    applies_from timestamptz not null,
    applies_until timestamptz,
    check (applies_until is null or applies_until >= applies_from)
);
create index price_history_by_variant on pricing.price_history (variant_id, list_id, applies_from);
create index price_history_open on pricing.price_history (variant_id, list_id) where applies_until is null;

-- Until when openings and closings of scheduled prices were announced.
create table pricing.announced (
    only_row boolean primary key default true check (only_row),
    until timestamptz not null
);

create table pricing.legal_entity (
    code text primary key check (length(code) between 1 and 40),
    country char(2) not null,
    tax_rounding text not null default 'per_line' check (tax_rounding in ('per_line', 'per_document')),
    rounding text not null default 'half_up' check (rounding in ('half_up', 'half_even'))
);
insert into pricing.legal_entity (code, country) values ('main', 'DE');

create table pricing.tax_rate (
    country char(2) not null,
    tax_class text not null check (length(tax_class) between 1 and 40),
    valid_from date not null,
    basis_points bigint not null check (basis_points between 0 and 10000),
    treatment text not null check (treatment in ('standard', 'reduced', 'zero', 'exempt')),
    primary key (country, tax_class, valid_from)
);

create table pricing.eu_member (
    country char(2) primary key,
    member_from date not null,
    member_until date check (member_until > member_from)
);
