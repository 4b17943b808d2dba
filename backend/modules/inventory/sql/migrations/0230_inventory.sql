-- Stock levels per warehouse and variant. on_hand = physically there; held = promised to checkouts for a while;
-- allocated = promised to orders. Available = on_hand - held - allocated, never negative.
create schema inventory;

create table inventory.warehouse (
    id uuid primary key,
    code text not null unique check (length(code) between 1 and 40),
    name text not null check (length(name) between 1 and 120),
    country char(2) not null,
    priority int not null default 0
);

create table inventory.stock (
    id uuid primary key,
    warehouse_id uuid not null references inventory.warehouse (id) on delete restrict,
    variant_id uuid not null references catalog.variant (id) on delete cascade,
    on_hand bigint not null default 0,
    held bigint not null default 0,
    allocated bigint not null default 0,
    updated_at timestamptz not null default now(),
    unique (variant_id, warehouse_id),
    constraint stock_on_hand_not_negative check (on_hand >= 0),
    constraint stock_held_not_negative check (held >= 0),
    constraint stock_allocated_not_negative check (allocated >= 0),
    constraint stock_not_oversold check (held + allocated <= on_hand)
);

-- A hold of one owner (a checkout) on one stock row. Its expiry is judged at read time; the sweeper only tidies up.
create table inventory.hold (
    owner uuid not null,
    stock_id uuid not null references inventory.stock (id) on delete cascade,
    quantity bigint not null check (quantity > 0),
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    primary key (owner, stock_id)
);
create index hold_expiry on inventory.hold (expires_at);
create index hold_stock on inventory.hold (stock_id, expires_at);

create table inventory.allocation (
    order_id uuid not null,
    stock_id uuid not null references inventory.stock (id) on delete restrict,
    quantity bigint not null check (quantity > 0),
    shipped bigint not null default 0 check (shipped >= 0 and shipped <= quantity),
    created_at timestamptz not null default now(),
    primary key (order_id, stock_id)
);

-- Every change of on_hand, with its reason: the level at any past moment is the sum of what came before.
create table inventory.movement (
    id bigint generated always as identity primary key,
    stock_id uuid not null references inventory.stock (id) on delete restrict,
    delta bigint not null check (delta <> 0),
    reason text not null check (length(reason) between 1 and 60),
    reference uuid,
    at timestamptz not null default now()
);
create index movement_stock on inventory.movement (stock_id, at);

insert into inventory.warehouse (id, code, name, country) values ('00000000-0000-7000-8000-000000000001', 'main', 'Main warehouse', 'NL');
