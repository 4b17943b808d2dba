-- A placed order can be changed while its goods are in the house. What it was and what it became stays.
alter table orders.orders drop constraint orders_payment_state_check;
alter table orders.orders add constraint orders_payment_state_check
    check (payment_state in ('pending', 'authorized', 'paid', 'partially_paid', 'partially_refunded', 'refunded', 'failed', 'awaiting_invoice'))
    not valid;
alter table orders.orders validate constraint orders_payment_state_check;

create table orders.edit (
    id uuid primary key,
    order_id uuid not null references orders.orders (id) on delete restrict,
    difference bigint not null,  -- of the total, tax included
    tax_difference bigint not null,
    changes jsonb not null,      -- what was asked for
    reason text not null default '' check (length(reason) <= 500),
    staff_id uuid,
    staff_name text not null default '',
    created_at timestamptz not null
);
create index edit_order on orders.edit (order_id, created_at);
