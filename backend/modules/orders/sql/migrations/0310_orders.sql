-- Orders: frozen copies of what was bought, at which price, for whom. Amounts are minor units of orders.currency.
create schema orders;
create sequence orders.number_seq start with 100001;

create table orders.orders (
    id uuid primary key,
    number text not null unique check (length(number) between 3 and 40),
    cart_id uuid,
    checkout_id uuid,
    customer_id uuid references customers.customer (id) on delete set null,
    -- sha256 of the guest's cart token: the browser that placed the order may ask for its payment.
    owner_hash bytea,
    email text not null check (length(email) <= 320),
    email_folded text not null,
    phone text not null default '',
    state text not null check (state in ('pending_payment', 'confirmed', 'processing', 'shipped', 'delivered', 'completed', 'cancelled')),
    payment_state text not null
        check (payment_state in ('pending', 'authorized', 'paid', 'partially_refunded', 'refunded', 'failed', 'awaiting_invoice')),
    channel text not null default 'web',
    source text not null default 'shop',
    currency char(3) not null,
    locale text not null,
    country char(2) not null,
    tax_included boolean not null,
    subtotal bigint not null,
    discount bigint not null check (discount >= 0),
    shipping bigint not null check (shipping >= 0),
    tax bigint not null,
    total bigint not null check (total >= 0),
    shipping_address jsonb not null,
    billing_address jsonb not null,
    shipping_method jsonb not null,
    payment_method text not null default '',
    payment_label text not null default '',
    fingerprint text not null default '',
    placed_at timestamptz not null,
    confirmed_at timestamptz,
    cancelled_at timestamptz,
    updated_at timestamptz not null,
    version bigint not null default 1,
    constraint totals_add_up check (subtotal + shipping - discount + (case when tax_included then 0 else tax end) = total)
);
-- One living order per cart: two completions of one cart meet here.
create unique index orders_cart on orders.orders (cart_id) where state <> 'cancelled';
create index orders_customer on orders.orders (customer_id, placed_at desc, id desc) where customer_id is not null;
create index orders_email on orders.orders (email_folded) where customer_id is null;
create index orders_pending on orders.orders (placed_at) where state = 'pending_payment';
create index orders_placed on orders.orders (placed_at desc, id desc);

create table orders.line (
    id uuid primary key,
    order_id uuid not null references orders.orders (id) on delete cascade,
    position int not null,
    variant_id uuid not null,
    product_id uuid not null,
    sku text not null,
    name text not null,
    options_text text not null default '',
    product_slug text not null default '',
    image jsonb,
    quantity bigint not null check (quantity > 0),
    unit_price bigint not null,
    discount bigint not null check (discount >= 0),
    total bigint not null check (total >= 0),
    net bigint not null,
    tax bigint not null,
    tax_basis_points bigint not null,
    tax_treatment text not null,
    weight_grams bigint not null default 0,
    unique (order_id, position),
    constraint line_adds_up check (unit_price * quantity - discount = total)
);
create index line_variant on orders.line (variant_id);
create index line_product on orders.line (product_id);

create table orders.discount (
    order_id uuid not null references orders.orders (id) on delete cascade,
    position int not null,
    label text not null,
    code text,
    amount bigint not null,
    primary key (order_id, position)
);

create table orders.tax_line (
    order_id uuid not null references orders.orders (id) on delete cascade,
    position int not null,
    basis_points bigint not null,
    treatment text not null,
    reason text not null default '',
    net bigint not null,
    tax bigint not null,
    primary key (order_id, position)
);

create table orders.timeline (
    id bigint generated always as identity primary key,
    order_id uuid not null references orders.orders (id) on delete cascade,
    at timestamptz not null,
    kind text not null check (length(kind) between 1 and 60),
    data jsonb not null default '{}'
);
create index timeline_order on orders.timeline (order_id, id);
