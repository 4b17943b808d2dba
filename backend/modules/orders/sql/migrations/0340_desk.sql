-- What staff write about an order, and how they find it.
create table orders.note (
    id bigint generated always as identity primary key,
    order_id uuid not null references orders.orders (id) on delete cascade,
    at timestamptz not null,
    staff_id uuid not null,
    author text not null,
    body text not null check (length(body) between 1 and 4000)
);
create index note_order on orders.note (order_id, id);

create table orders.tag (
    order_id uuid not null references orders.orders (id) on delete cascade,
    tag text not null check (length(tag) between 1 and 40),
    placed_at timestamptz not null,
    primary key (order_id, tag)
);
create index tag_newest on orders.tag (tag, placed_at desc, order_id desc);
