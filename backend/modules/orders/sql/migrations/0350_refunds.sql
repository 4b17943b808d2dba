-- A refund grants an amount (the buyer owes that much less) and pays out what was paid beyond it. Amounts are minor units of the order's
-- currency and include tax.
create table orders.refund (
    id uuid primary key,
    order_id uuid not null references orders.orders (id) on delete restrict,
    state text not null check (state in ('pending', 'done', 'failed')),
    amount bigint not null check (amount >= 0),  -- granted; 0: it only pays out what is owed to the buyer
    tax bigint not null check (tax >= 0 and tax <= amount),
    shipping bigint not null default 0 check (shipping >= 0),
    shipping_tax bigint not null default 0,
    adjustment bigint not null default 0,
    adjustment_tax bigint not null default 0,
    reason text not null default '' check (length(reason) <= 500),
    staff_id uuid,
    staff_name text not null default '',
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index refund_order on orders.refund (order_id, created_at);

create table orders.refund_line (
    refund_id uuid not null references orders.refund (id) on delete cascade,
    line_id uuid not null references orders.line (id) on delete restrict,
    quantity bigint not null check (quantity > 0),
    amount bigint not null check (amount >= 0),
    tax bigint not null check (tax >= 0 and tax <= amount),
    primary key (refund_id, line_id)
);
create index refund_line_line on orders.refund_line (line_id);

-- What goes back to one payment.
create table orders.refund_part (
    id uuid primary key,
    refund_id uuid not null references orders.refund (id) on delete cascade,
    position int not null,
    attempt_id uuid not null references payments.attempt (id) on delete restrict,
    payment_refund_id uuid not null unique references payments.refund (id) on delete restrict,
    amount bigint not null check (amount > 0),
    state text not null check (state in ('sent', 'done', 'failed')),
    provider_code text not null default '',
    sent_at timestamptz,  -- the provider may have the call from then on
    updated_at timestamptz not null
);
create index refund_part_refund on orders.refund_part (refund_id, position);
create index refund_part_attempt on orders.refund_part (attempt_id);
