-- What a buyer shows of the goods, what they would rather have instead, and the order that brings it.
create table orders.return_photo (
    id uuid primary key,
    order_id uuid not null references orders.orders (id) on delete cascade,
    return_id uuid references orders.return_request (id) on delete cascade,  -- null: uploaded, not sent in yet
    position int not null default 0,
    key text not null unique,  -- in the store of documents
    width int not null,
    height int not null,
    created_at timestamptz not null
);
create index return_photo_return on orders.return_photo (return_id, position);
create index return_photo_waiting on orders.return_photo (order_id, created_at) where return_id is null;

alter table orders.return_line
    add column exchange_variant_id uuid,
    add column exchange_sku text not null default '',
    add column exchange_text text not null default '',
    add column exchanged bigint not null default 0 check (exchanged >= 0 and exchanged <= received);

alter table orders.return_request
    add column replacement_order_id uuid references orders.orders (id) on delete restrict;

-- An order that brings other goods for those of a return: nothing is due for it.
alter table orders.orders add column replaces_return_id uuid references orders.return_request (id) on delete restrict;
create unique index orders_replaces on orders.orders (replaces_return_id) where replaces_return_id is not null and state <> 'cancelled';
