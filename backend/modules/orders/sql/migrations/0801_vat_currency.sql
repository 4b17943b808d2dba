-- In which currency the legal entity accounts for VAT (EN 16931, BT-6). An invoice in another one also says its VAT in this one.
alter table orders.legal_entity add column vat_currency char(3) not null default 'EUR' check (vat_currency ~ '^[A-Z]{3}$');
update orders.legal_entity set vat_currency = home.currency
from (values ('GB', 'GBP'), ('CH', 'CHF'), ('LI', 'CHF'), ('DK', 'DKK'), ('SE', 'SEK'), ('NO', 'NOK'), ('PL', 'PLN'), ('CZ', 'CZK'), ('HU', 'HUF'),
    ('RO', 'RON'), ('IS', 'ISK'), ('US', 'USD')) as home (country, currency)
where home.country = legal_entity.country;

create or replace view orders_api.admin_legal_entity as
select e.code as id, e.name, e.contact_name, e.email, e.phone, e.line1, e.line2, e.postal_code, e.city, e.state, e.country, e.vat_id, e.tax_number,
    e.registration, e.iban, e.bic, e.account_name, e.payment_days, e.issue_on, e.vat_currency
from orders.legal_entity e;

-- What VAT is converted with: one unit of vat_currency was worth `rate` units of currency on that day, and counts from it on for valid_days.
create table orders.vat_rate (
    id uuid primary key,
    vat_currency char(3) not null check (vat_currency ~ '^[A-Z]{3}$'),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    day date not null,
    rate numeric(14, 8) not null check (rate > 0),
    source text not null check (length(source) between 1 and 80),
    valid_days int not null default 7 check (valid_days between 1 and 31),
    unique (vat_currency, currency, day),
    check (currency <> vat_currency)
);
create view orders_api.admin_vat_rate as
select r.id, r.vat_currency, r.currency, r.day, trim_scale(r.rate)::text as rate, r.source,
    r.valid_days
from orders.vat_rate r;

-- Orders whose document waits for what is missing, a rate so far. `shipped`: it was to be issued because the goods left.
create table orders.document_waits (
    order_id uuid primary key references orders.orders (id) on delete cascade,
    shipped boolean not null,
    missing text not null check (length(missing) between 1 and 500),
    since timestamptz not null
);
