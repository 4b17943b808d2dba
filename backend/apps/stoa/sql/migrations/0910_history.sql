-- Trade that happened before this shop did, as another system recorded it: never changed, never fulfilled, only read.
-- Unit prices are in thousandths, because old systems knew such prices and totals must stay exact.
create schema history;

create table history.source (
    id smallint generated always as identity primary key,
    code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),  -- of the file, so that only the same one is continued
    rows_read bigint not null default 0 check (rows_read >= 0),
    rows_rejected bigint not null default 0 check (rows_rejected between 0 and rows_read),
    started_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz
);

-- sale: somebody paid · unpriced: goods given or booked in without a price · write_off: stock taken out without a price ·
-- cancellation: a credit note, quantities negative · adjustment: a bookkeeping entry.
create table history.document (
    source_id smallint not null references history.source (id) on delete cascade,
    number text not null check (length(number) between 1 and 40),
    kind text not null check (kind in ('sale', 'unpriced', 'write_off', 'cancellation', 'adjustment')),
    customer_id uuid references customers.customer (id) on delete set null,
    customer_ref text check (length(customer_ref) between 1 and 60),
    country_name text not null check (length(country_name) between 1 and 80),  -- as written
    country char(2),                                                             -- null: the name is no country
    at timestamptz not null,
    primary key (source_id, number)
);
create index document_customer on history.document (customer_id, at) where customer_id is not null;
create index document_at on history.document (source_id, at);

create table history.line (
    source_id smallint not null,
    row_number bigint not null check (row_number > 0),  -- of the file, the first after the header is 1
    document_number text not null,
    kind text not null check (kind in ('sale', 'unpriced', 'write_off', 'cancellation', 'adjustment')),
    code text not null check (length(code) between 1 and 64),  -- as written
    sku text not null check (length(sku) between 1 and 64),    -- upper case; finds catalog.variant
    goods boolean not null,                                    -- false: carriage, fees, entries by hand
    description text not null check (length(description) <= 300),
    quantity bigint not null check (quantity <> 0),
    unit_price_milli bigint not null,
    currency char(3) not null,
    at timestamptz not null,
    primary key (source_id, row_number),
    foreign key (source_id, document_number) references history.document (source_id, number) on delete cascade
);
create index line_document on history.line (source_id, document_number);
create index line_sku on history.line (sku, at);

create table history.rejected_row (
    source_id smallint not null references history.source (id) on delete cascade,
    row_number bigint not null,
    reason text not null check (length(reason) between 1 and 200),
    content text not null check (length(content) <= 2000),
    primary key (source_id, row_number)
);

-- What others may read.
create schema history_api;
create view history_api.line as
select s.code as source, l.row_number, l.document_number, l.kind, d.kind as document_kind, d.customer_id, d.customer_ref, d.country_name, d.country,
    l.code, l.sku, l.goods, l.description, l.quantity, l.unit_price_milli, l.quantity * l.unit_price_milli as value_milli, l.currency, l.at
from history.line l
join history.document d on d.source_id = l.source_id and d.number = l.document_number
join history.source s on s.id = l.source_id;
