create schema promotions;

create table promotions.promotion (
    id uuid primary key,
    name text not null unique check (length(name) between 1 and 120),
    labels jsonb not null default '{}' check (jsonb_typeof(labels) = 'object'),
    kind text not null check (kind in ('percent', 'fixed_amount', 'free_shipping', 'buy_x_get_y', 'cheapest_free', 'tiered_spend')),
    automatic boolean not null default false,
    enabled boolean not null default true,
    lane bigint not null default 0,
    exclusive_group text not null default '' check (length(exclusive_group) <= 60),
    starts_at timestamptz,
    ends_at timestamptz,
    usage_limit bigint check (usage_limit >= 1),
    customer_limit bigint check (customer_limit >= 1),
    rules jsonb not null check (jsonb_typeof(rules) = 'object'),
    version bigint not null default 1,
    -- Kept only while there is a usage_limit: an unlimited promotion must not make all checkouts queue at one row.
    used_count bigint not null default 0 check (used_count >= 0),
    check (ends_at is null or starts_at is null or ends_at > starts_at),
    check (usage_limit is null or used_count <= usage_limit)
);
create index promotion_automatic on promotions.promotion (id) where automatic and enabled;

-- Codes are stored in their canonical form (upper case), so that uniqueness ignores case.
create table promotions.code (
    id uuid primary key,
    promotion_id uuid not null references promotions.promotion (id) on delete cascade,
    code text not null unique check (code ~ '^[A-Z0-9_-]{3,40}$'),
    enabled boolean not null default true,
    expires_at timestamptz,
    usage_limit bigint check (usage_limit >= 1),
    used_count bigint not null default 0 check (used_count >= 0),
    check (usage_limit is null or used_count <= usage_limit)
);
create index code_by_promotion on promotions.code (promotion_id);

-- An identity is "c:<customer id>" or "e:<hash of the mail address>".
create table promotions.customer_use (
    promotion_id uuid not null references promotions.promotion (id) on delete cascade,
    identity text not null check (length(identity) between 3 and 80),
    used bigint not null check (used >= 0),
    primary key (promotion_id, identity)
);
create index customer_use_by_identity on promotions.customer_use (identity);

-- Who has ordered, for first-order promotions.
create table promotions.buyer (
    identity text primary key check (length(identity) between 3 and 80),
    order_id uuid not null,
    first_at timestamptz not null
);
create index buyer_by_order on promotions.buyer (order_id);

-- What an order took.
create table promotions.redemption (
    order_id uuid primary key,
    identities text[] not null,
    redeemed_at timestamptz not null
);
create table promotions.usage (
    order_id uuid not null references promotions.redemption (order_id) on delete cascade,
    promotion_id uuid not null references promotions.promotion (id) on delete restrict,
    code_id uuid references promotions.code (id) on delete restrict,
    amount bigint not null check (amount >= 0),
    currency char(3) not null,
    primary key (order_id, promotion_id)
);
create index usage_by_promotion on promotions.usage (promotion_id);
create index usage_by_code on promotions.usage (code_id) where code_id is not null;
