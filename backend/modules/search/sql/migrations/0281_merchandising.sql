-- Words that mean the same to a shopper of one language.
create table search.synonym (
    id uuid primary key,
    locale text not null check (locale ~ '^[a-z]{2}$'),
    words text[] not null check (cardinality(words) between 2 and 20),
    updated_at timestamptz not null default now()
);

-- What a merchant wants to stand where, for one query or one category.
create table search.rule (
    id uuid primary key,
    kind text not null check (kind in ('pin', 'boost', 'bury', 'redirect')),
    locale text check (locale ~ '^[a-z]{2}$'),  -- null: every language
    query text check (length(query) between 1 and 100),
    category_id uuid references catalog.category (id) on delete cascade,
    per_cent integer not null default 0 check (per_cent between 0 and 1000),
    target text not null default '' check (length(target) <= 500),
    position integer not null default 0,
    active boolean not null default true,
    valid_from timestamptz,
    valid_until timestamptz,
    updated_at timestamptz not null default now(),
    constraint rule_asks_one check (num_nonnulls(query, category_id) = 1),
    constraint rule_redirect check ((kind = 'redirect') = (target <> '') and (kind <> 'redirect' or query is not null)),
    constraint rule_target_is_ours check (target = '' or target ~ '^/([^/\\]|$)'),
    constraint rule_window check (valid_from < valid_until)
);
create index rule_category on search.rule (category_id);

create table search.rule_product (
    rule_id uuid not null references search.rule (id) on delete cascade,
    product_id uuid not null references catalog.product (id) on delete cascade,
    position integer not null,
    primary key (rule_id, product_id)
);
create index rule_product_product on search.rule_product (product_id);

-- What was searched for, counted by day. No person can be told from it.
create table search.query_log (
    day date not null,
    locale text not null,
    query text not null check (length(query) between 1 and 100),
    searches bigint not null check (searches > 0),
    without_result bigint not null check (without_result between 0 and searches),
    results bigint not null check (results >= 0),  -- of the last search
    primary key (day, locale, query)
);

-- Sales that fade with time, computed by a job; added to the popularity the catalogue gives.
create table search.popularity (
    product_id uuid primary key references catalog.product (id) on delete cascade,
    score bigint not null check (score >= 0)
);
