create schema catalog;

create table catalog.attribute (
    id uuid primary key,
    code text not null unique check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
    kind text not null check (kind in ('enum', 'number', 'text', 'bool')),
    unit text not null default '' check (length(unit) <= 16),
    names jsonb not null check (jsonb_typeof(names) = 'object'),
    filterable boolean not null default true,
    searchable boolean not null default true,
    visible boolean not null default true,
    position integer not null default 0,
    updated_at timestamptz not null default now()
);

create table catalog.attribute_value (
    attribute_id uuid not null references catalog.attribute (id) on delete cascade,
    code text not null check (code ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    labels jsonb not null check (jsonb_typeof(labels) = 'object'),
    colour text not null default '' check (length(colour) <= 32),
    position integer not null default 0,
    primary key (attribute_id, code)
);

create table catalog.product_type (
    code text primary key check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
    names jsonb not null check (jsonb_typeof(names) = 'object')
);

create table catalog.product_type_attribute (
    type_code text not null references catalog.product_type (code) on delete cascade,
    attribute_id uuid not null references catalog.attribute (id) on delete cascade,
    position integer not null,
    primary key (type_code, attribute_id)
);

create table catalog.asset (
    id uuid primary key,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    name text not null check (length(name) between 1 and 120),
    content_type text not null check (length(content_type) <= 100),
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    focal_x integer not null default 500 check (focal_x between 0 and 1000),
    focal_y integer not null default 500 check (focal_y between 0 and 1000),
    background text not null default '' check (length(background) <= 32),
    placeholder text not null default '' check (length(placeholder) <= 4000),
    alt jsonb not null default '{}' check (jsonb_typeof(alt) = 'object'),
    created_at timestamptz not null default now(),
    unique (sha256, name)
);

create table catalog.category (
    id uuid primary key,
    handle text not null unique check (handle ~ '^[a-z0-9][a-z0-9-]{0,119}$'),
    parent_id uuid references catalog.category (id) on delete restrict,
    path uuid[] not null,
    position integer not null default 0,
    published boolean not null default true,
    image_id uuid references catalog.asset (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (parent_id is distinct from id),
    check (path[cardinality(path)] = id)
);
create index category_parent on catalog.category (parent_id);
create index category_path on catalog.category using gin (path);

create table catalog.category_text (
    category_id uuid not null references catalog.category (id) on delete cascade,
    locale text not null check (locale ~ '^[a-z]{2}$'),
    name text not null check (length(name) between 1 and 200),
    description text not null default '' check (length(description) <= 20000),
    seo_title text not null default '' check (length(seo_title) <= 200),
    seo_description text not null default '' check (length(seo_description) <= 500),
    primary key (category_id, locale)
);

create table catalog.product (
    id uuid primary key,
    handle text not null unique check (handle ~ '^[a-z0-9][a-z0-9-]{0,119}$'),
    type_code text not null references catalog.product_type (code) on delete restrict,
    brand text not null default '' check (length(brand) <= 120),
    category_id uuid references catalog.category (id) on delete restrict,
    tax_class text not null default 'standard' check (tax_class ~ '^[a-z_]{1,30}$'),
    status text not null default 'active' check (status in ('draft', 'active', 'archived')),
    published_from timestamptz,
    published_until timestamptz,
    popularity bigint not null default 0,
    handling_days integer not null default 1 check (handling_days between 0 and 365),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (published_from is null or published_until is null or published_from < published_until)
);
create index product_category_id on catalog.product (category_id);
create index product_type_code on catalog.product (type_code);

create table catalog.product_text (
    product_id uuid not null references catalog.product (id) on delete cascade,
    locale text not null check (locale ~ '^[a-z]{2}$'),
    name text not null check (length(name) between 1 and 300),
    subtitle text not null default '' check (length(subtitle) <= 300),
    description text not null default '' check (length(description) <= 50000),
    seo_title text not null default '' check (length(seo_title) <= 300),
    seo_description text not null default '' check (length(seo_description) <= 500),
    primary key (product_id, locale)
);

-- Addresses, present and past. Old ones still find their thing until something else takes them.
create table catalog.slug (
    kind text not null check (kind in ('product', 'category', 'collection')),
    locale text not null check (locale ~ '^[a-z]{2}$'),
    slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,119}$'),
    entity_id uuid not null,
    is_current boolean not null default true,
    created_at timestamptz not null default now(),
    primary key (kind, locale, slug)
);
create unique index slug_current on catalog.slug (kind, entity_id, locale) where is_current;
create index slug_entity on catalog.slug (entity_id);

create table catalog.product_category (
    product_id uuid not null references catalog.product (id) on delete cascade,
    category_id uuid not null references catalog.category (id) on delete cascade,
    position integer not null default 0,
    primary key (product_id, category_id)
);
create index product_category_category on catalog.product_category (category_id);

create table catalog.product_option (
    product_id uuid not null references catalog.product (id) on delete cascade,
    attribute_id uuid not null references catalog.attribute (id) on delete restrict,
    position integer not null,
    primary key (product_id, attribute_id)
);
create index product_option_attribute on catalog.product_option (attribute_id);

create table catalog.product_attribute (
    product_id uuid not null references catalog.product (id) on delete cascade,
    attribute_id uuid not null references catalog.attribute (id) on delete restrict,
    position integer not null,
    value_code text,
    number_milli bigint,
    texts jsonb,
    flag boolean,
    primary key (product_id, attribute_id, position),
    foreign key (attribute_id, value_code) references catalog.attribute_value (attribute_id, code) on delete restrict,
    check (num_nonnulls(value_code, number_milli, texts, flag) = 1)
);
create index product_attribute_value on catalog.product_attribute (attribute_id, value_code);

create table catalog.product_media (
    product_id uuid not null references catalog.product (id) on delete cascade,
    position integer not null,
    asset_id uuid not null references catalog.asset (id) on delete restrict,
    options jsonb not null default '{}',
    primary key (product_id, position)
);
create index product_media_asset on catalog.product_media (asset_id);

create table catalog.variant (
    id uuid primary key,
    product_id uuid not null references catalog.product (id) on delete cascade,
    sku text not null unique check (length(sku) between 1 and 64),
    barcode text not null default '' check (length(barcode) <= 64),
    position integer not null default 0,
    weight_grams bigint not null default 0 check (weight_grams >= 0),
    length_mm bigint not null default 0 check (length_mm >= 0),
    width_mm bigint not null default 0 check (width_mm >= 0),
    height_mm bigint not null default 0 check (height_mm >= 0),
    image_id uuid references catalog.asset (id) on delete set null,
    active boolean not null default true,
    published_from timestamptz,
    published_until timestamptz
);
create index variant_product on catalog.variant (product_id);
create index variant_barcode on catalog.variant (barcode) where barcode <> '';

create table catalog.variant_option (
    variant_id uuid not null references catalog.variant (id) on delete cascade,
    attribute_id uuid not null,
    value_code text not null,
    primary key (variant_id, attribute_id),
    foreign key (attribute_id, value_code) references catalog.attribute_value (attribute_id, code) on delete restrict
);
create index variant_option_value on catalog.variant_option (attribute_id, value_code);

create table catalog.collection (
    id uuid primary key,
    handle text not null unique check (handle ~ '^[a-z0-9][a-z0-9-]{0,119}$'),
    position integer not null default 0,
    published boolean not null default true,
    image_id uuid references catalog.asset (id) on delete set null,
    rule jsonb,  -- null: manual
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table catalog.collection_text (
    collection_id uuid not null references catalog.collection (id) on delete cascade,
    locale text not null check (locale ~ '^[a-z]{2}$'),
    name text not null check (length(name) between 1 and 200),
    description text not null default '' check (length(description) <= 20000),
    seo_title text not null default '' check (length(seo_title) <= 200),
    seo_description text not null default '' check (length(seo_description) <= 500),
    primary key (collection_id, locale)
);

create table catalog.collection_product (
    collection_id uuid not null references catalog.collection (id) on delete cascade,
    product_id uuid not null references catalog.product (id) on delete cascade,
    position integer not null,
    primary key (collection_id, product_id)
);
create index collection_product_product on catalog.collection_product (product_id);

create table catalog.review (
    id uuid primary key,
    product_id uuid not null references catalog.product (id) on delete cascade,
    customer_id uuid,  -- null: imported, or the account was erased
    author text not null check (length(author) between 1 and 80),
    locale text not null check (locale ~ '^[a-z]{2}$'),
    rating integer not null check (rating between 1 and 5),
    title text not null check (length(title) between 1 and 120),
    body text not null check (length(body) between 1 and 4000),
    verified boolean not null default false,
    state text not null default 'pending' check (state in ('pending', 'approved', 'rejected')),
    created_at timestamptz not null default now()
);
create unique index review_once on catalog.review (product_id, customer_id) where customer_id is not null;
create index review_customer on catalog.review (customer_id, created_at desc) where customer_id is not null;
create index review_product on catalog.review (product_id, created_at desc) where state = 'approved';
create index review_pending on catalog.review (created_at) where state = 'pending';
