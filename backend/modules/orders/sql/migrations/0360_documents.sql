-- Who sells: on every invoice. Without a row for the shop's entity no document is issued.
create table orders.legal_entity (
    code text primary key check (code ~ '^[a-z0-9_]{1,40}$'),
    name text not null check (length(name) between 1 and 120),
    contact_name text not null default '',
    email text not null default '',
    phone text not null default '',
    line1 text not null,
    line2 text not null default '',
    postal_code text not null,
    city text not null,
    state text not null default '',
    country char(2) not null,
    vat_id text not null default '',
    tax_number text not null default '',
    registration text not null default '',
    iban text not null default '',
    bic text not null default '',
    account_name text not null default '',
    payment_days bigint not null default 14 check (payment_days between 0 and 365),
    issue_on text not null default 'confirmed' check (issue_on in ('confirmed', 'shipped')),
    invoice_prefix text not null default 'INV-' check (invoice_prefix ~ '^[A-Z0-9-]{1,12}$'),
    credit_prefix text not null default 'CN-' check (credit_prefix ~ '^[A-Z0-9-]{1,12}$'),
    check (invoice_prefix <> credit_prefix)
);

-- The last number of each series. Its row is locked by whoever issues until that transaction ends: no gap, no twin.
create table orders.document_counter (
    entity text not null references orders.legal_entity (code) on delete restrict,
    kind text not null check (kind in ('invoice', 'credit_note')),
    last bigint not null check (last > 100000),
    primary key (entity, kind)
);

-- Which VAT id the buyer gave; empty for consumers.
alter table orders.orders add column vat_id text not null default '' check (length(vat_id) <= 20);

-- What was issued. `data` is the whole document; XML and PDF are made from it.
create table orders.document (
    id uuid primary key,
    entity text not null references orders.legal_entity (code) on delete restrict,
    kind text not null check (kind in ('invoice', 'credit_note')),
    number text not null,
    order_id uuid not null references orders.orders (id) on delete restrict,
    invoice_id uuid references orders.document (id) on delete restrict,
    reference text not null unique check (length(reference) between 1 and 200),
    issued_at timestamptz not null,
    currency char(3) not null,
    total bigint not null,
    data jsonb not null,
    unique (entity, number),
    check ((kind = 'credit_note') = (invoice_id is not null))
);
create unique index document_one_invoice on orders.document (order_id) where kind = 'invoice';
create index document_order on orders.document (order_id, issued_at, id);
create index document_invoice on orders.document (invoice_id) where invoice_id is not null;

-- How much of which line or charge of the invoice a credit note gives back, as the buyer saw it.
create table orders.document_credit (
    document_id uuid not null references orders.document (id) on delete restrict,
    part text not null check (part in ('line', 'charge')),
    place bigint not null check (place >= 0),
    quantity bigint not null check (quantity > 0),
    amount bigint not null check (amount >= 0),
    primary key (document_id, part, place)
);

-- Where the files lie. Made once.
create table orders.document_file (
    document_id uuid not null references orders.document (id) on delete restrict,
    format text not null check (format in ('pdf', 'ubl', 'cii')),
    key text not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    size bigint not null check (size > 0),
    made_at timestamptz not null,
    primary key (document_id, format)
);

create function orders.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'an issued document never changes (%)', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger document_stays before update or delete on orders.document for each row execute function orders.refuse_change();
create trigger document_credit_stays before update or delete on orders.document_credit for each row execute function orders.refuse_change();
create trigger document_file_stays before update or delete on orders.document_file for each row execute function orders.refuse_change();

create function orders.count_by_one() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or new.last <> old.last + 1 then
        raise exception 'a counter of documents goes up by one' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger document_counter_by_one before update or delete on orders.document_counter for each row execute function orders.count_by_one();
