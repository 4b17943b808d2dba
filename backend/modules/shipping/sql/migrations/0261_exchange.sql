-- The carrier platform quotes in one currency. What a live delivery costs in another is the quote times a rate that the merchant fixes,
-- rounded up to tens: an offer, not a currency market. Without a rate there are no live deliveries in that currency.
create table shipping.exchange (
    from_currency char(3) not null,
    to_currency char(3) not null,
    -- major units of the second currency for a million of the first
    per_million bigint not null check (per_million > 0),
    primary key (from_currency, to_currency)
);
insert into shipping.exchange (from_currency, to_currency, per_million) values ('EUR', 'GBP', 860000), ('EUR', 'CHF', 960000);
