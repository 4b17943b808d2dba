-- Goods that come back: asked for, decided upon, received, refunded.
create sequence orders.return_number_seq start with 10001;

create table orders.return_request (
    id uuid primary key,
    number text not null unique,
    order_id uuid not null references orders.orders (id) on delete restrict,
    state text not null check (state in ('requested', 'approved', 'rejected', 'cancelled', 'received', 'refunded', 'closed')),
    comment text not null default '' check (length(comment) <= 1000),
    answer text not null default '' check (length(answer) <= 1000),  -- of the shop, for the buyer
    refund_id uuid references orders.refund (id) on delete restrict,
    requested_at timestamptz not null,
    decided_at timestamptz,
    received_at timestamptz,
    updated_at timestamptz not null
);
create index return_order on orders.return_request (order_id);
create index return_state on orders.return_request (state, requested_at desc, id desc);
create index return_requested on orders.return_request (requested_at desc, id desc);

create table orders.return_line (
    return_id uuid not null references orders.return_request (id) on delete cascade,
    line_id uuid not null references orders.line (id) on delete restrict,
    quantity bigint not null check (quantity > 0),
    reason text not null check (reason in ('changed_mind', 'damaged', 'defective', 'wrong_item', 'not_as_described', 'late', 'other')),
    comment text not null default '' check (length(comment) <= 500),
    received bigint not null default 0 check (received >= 0 and received <= quantity),
    condition text check (condition in ('as_new', 'opened', 'used', 'damaged')),
    restocked bigint not null default 0 check (restocked >= 0 and restocked <= received),  -- the others were written off
    primary key (return_id, line_id)
);
create index return_line_line on orders.return_line (line_id);

-- One row: how long after the delivery goods may come back.
create table orders.return_policy (
    id int primary key default 1 check (id = 1),
    days int not null check (days between 14 and 365)
);
insert into orders.return_policy (days) values (30);

create table orders.return_exclusion (
    product_id uuid primary key references catalog.product (id) on delete cascade,
    reason text not null check (length(reason) between 1 and 200)
);
