-- The label with which goods come back. Shipping knows the return as an id and a number.
create table shipping.return_label (
    id uuid primary key,
    return_id uuid not null unique,
    return_number text not null,
    order_id uuid not null,
    order_number text not null,
    state text not null
        check (state in ('announcing', 'failed', 'labelled', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'exception', 'delivered',
                         'returned', 'cancelling', 'cancelled')),
    -- As with shipments: one attempt is one reference at the provider, and a refused one is never used again.
    attempt int not null default 1,
    reference text not null unique,
    called_at timestamptz,  -- the provider may have heard of this attempt from then on
    from_address jsonb not null,
    warehouse_id uuid,  -- where the goods were sent from; null: anywhere
    weight_grams bigint not null check (weight_grams > 0),
    currency char(3) not null,
    value bigint not null check (value >= 0),
    items jsonb not null,
    problems jsonb not null default '[]',
    option_code text not null default '',
    provider_id bigint unique,
    parcel_id bigint unique,
    carrier text not null default '',
    tracking_number text not null default '',
    tracking_url text not null default '',
    file_key text not null default '',
    status_id int not null default 0,
    status_text text not null default '',
    status_at timestamptz,
    announced_at timestamptz,
    left_at timestamptz,
    delivered_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index return_label_tracking on shipping.return_label (upper(tracking_number)) where tracking_number <> '';

create table shipping.return_event (
    label_id uuid not null references shipping.return_label (id) on delete cascade,
    at timestamptz not null,
    status_id int not null,
    message text not null default '',
    primary key (label_id, at, status_id)
);
