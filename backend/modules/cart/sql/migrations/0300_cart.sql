create schema cart;

create table cart.cart (
    id uuid primary key,
    state text not null default 'open' check (state in ('open', 'ordered', 'merged')),
    version bigint not null default 1,
    -- A guest's cart is found by the hash of a random cookie, a customer's by the customer.
    token_hash text unique check (length(token_hash) = 64),
    customer_id uuid,
    currency char(3) not null,
    locale text not null check (length(locale) between 2 and 10),
    country char(2) not null,
    order_id uuid,
    merged_into uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    expires_at timestamptz not null,
    check (token_hash is not null or customer_id is not null),
    check ((state = 'ordered') = (order_id is not null))
);
create unique index cart_open_of_customer on cart.cart (customer_id) where state = 'open' and customer_id is not null;
create index cart_of_customer on cart.cart (customer_id) where customer_id is not null;
create index cart_expired on cart.cart (expires_at) where customer_id is null and state <> 'ordered';

create table cart.line (
    id uuid primary key,
    cart_id uuid not null references cart.cart (id) on delete cascade,
    variant_id uuid not null,
    quantity bigint not null check (quantity between 1 and 9999),
    -- Set when more was asked for than there was (two carts joined at login), until the shopper touches the line.
    wanted bigint check (wanted > 0),
    -- The unit price last shown, in the cart's currency of that moment.
    shown_amount bigint,
    shown_currency char(3),
    check ((shown_amount is null) = (shown_currency is null)),
    unique (cart_id, variant_id)
);
create index line_by_variant on cart.line (variant_id);

create table cart.code (
    cart_id uuid not null references cart.cart (id) on delete cascade,
    code text not null check (length(code) between 3 and 40),
    position bigint generated always as identity,
    primary key (cart_id, code)
);
