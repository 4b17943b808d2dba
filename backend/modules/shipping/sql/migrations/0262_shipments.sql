-- Shipments: what goes from one warehouse to one address, in one or several parcels. Shipping knows the order as an id and a number.
create table shipping.shipment (
    id uuid primary key,
    order_id uuid not null,
    order_number text not null,
    number int not null check (number > 0),
    warehouse_id uuid not null,
    from_country char(2) not null,
    state text not null
        check (state in ('planned', 'announcing', 'failed', 'labelled', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'exception',
                         'delivered', 'returned', 'cancelling', 'cancelled')),
    -- One attempt is one reference at the provider, written before the provider hears of it. A refused one is never used again.
    attempt int not null default 0,
    reference text unique,
    option_code text not null default '',
    service_point_id text not null default '',
    to_address jsonb not null,
    currency char(3) not null,
    value bigint not null check (value >= 0),
    problems jsonb not null default '[]',
    provider_id text unique,
    carrier text not null default '',
    announced_at timestamptz,
    left_at timestamptz,
    delivered_at timestamptz,
    heard_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    unique (order_id, number)
);
create index shipment_to_ask on shipping.shipment (heard_at)
    where state in ('labelled', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'exception', 'cancelling');

create table shipping.parcel (
    id uuid primary key,
    shipment_id uuid not null references shipping.shipment (id) on delete cascade,
    position int not null check (position > 0),
    weight_grams bigint not null check (weight_grams > 0),
    provider_id bigint unique,
    tracking_number text not null default '',
    tracking_url text not null default '',
    state text not null,
    status_id int not null default 0,
    status_text text not null default '',
    status_at timestamptz,
    unique (shipment_id, position)
);
create index parcel_tracking on shipping.parcel (upper(tracking_number)) where tracking_number <> '';

create table shipping.shipment_line (
    shipment_id uuid not null references shipping.shipment (id) on delete cascade,
    parcel int not null check (parcel > 0),
    order_line_id uuid not null,
    variant_id uuid not null,
    sku text not null,
    name text not null,
    quantity bigint not null check (quantity > 0),
    weight_grams bigint not null,
    unit_value bigint not null,
    primary key (shipment_id, parcel, order_line_id)
);
create index shipment_line_order_line on shipping.shipment_line (order_line_id);

-- What the provider said about a parcel, once each, whatever the order in which it arrived.
create table shipping.tracking_event (
    parcel_id uuid not null references shipping.parcel (id) on delete cascade,
    at timestamptz not null,
    status_id int not null,
    message text not null default '',
    primary key (parcel_id, at, status_id)
);

create table shipping.inbox (
    id bigint generated always as identity primary key,
    unique_key text not null unique,
    action text not null,
    body text not null,
    received_at timestamptz not null,
    processed_at timestamptz,
    outcome text not null default ''
);

-- What customs want to know about goods.
create table shipping.customs (
    variant_id uuid primary key references catalog.variant (id) on delete cascade,
    hs_code text not null check (hs_code ~ '^[0-9]{6,12}$'),
    origin_country char(2) not null,
    updated_at timestamptz not null
);

-- A warehouse as the provider knows it. Filled by itself from the provider's list; a row made by hand stays.
create table shipping.sender (
    warehouse_id uuid primary key,
    sender_address_id bigint not null
);
