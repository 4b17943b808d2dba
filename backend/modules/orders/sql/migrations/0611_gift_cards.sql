-- Gift cards that were bought, one row for each. 'ordered': not paid for. 'paid': waits for the day on which it is sent. 'issued': the code
-- is out, the balance is that of payments.credit. 'withdrawn': the money for it went back.
create table orders.gift_card (
    id uuid primary key,
    order_id uuid not null references orders.orders (id) on delete cascade,
    line_id uuid not null references orders.line (id) on delete cascade,
    position int not null,
    amount bigint not null check (amount > 0),
    currency char(3) not null,
    state text not null default 'ordered' check (state in ('ordered', 'paid', 'issued', 'withdrawn')),
    email text not null default '' check (length(email) <= 320),
    recipient text not null default '' check (length(recipient) <= 200),
    sender text not null default '' check (length(sender) <= 200),
    message text not null default '' check (length(message) <= 1000),
    send_on date,
    credit_id uuid unique references payments.credit (id) on delete restrict,
    code_hint text not null default '',
    issued_at timestamptz,
    updated_at timestamptz not null,
    unique (line_id, position),
    check (state <> 'issued' or credit_id is not null)
);
create index gift_card_order on orders.gift_card (order_id, line_id, position);
create index gift_card_waits on orders.gift_card (send_on) where state = 'paid';
