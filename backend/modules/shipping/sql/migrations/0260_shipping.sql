-- The shop's own rates: by zone and weight, per currency. Used always; live options of the carrier platform stand beside them.
create schema shipping;

create table shipping.zone_country (
    country char(2) primary key,
    zone text not null check (length(zone) between 1 and 40)
);

create table shipping.rate (
    id int generated always as identity primary key,
    zone text not null,
    code text not null check (length(code) between 1 and 40),
    names jsonb not null,
    carrier text,
    up_to_grams bigint not null check (up_to_grams > 0),
    currency char(3) not null,
    price bigint not null check (price >= 0),
    days_min int not null check (days_min >= 0),
    days_max int not null check (days_max >= days_min),
    can_be_free boolean not null default true,
    unique (zone, code, currency, up_to_grams)
);

create table shipping.free_from (
    zone text not null,
    currency char(3) not null,
    amount bigint not null check (amount > 0),
    primary key (zone, currency)
);

insert into shipping.zone_country (country, zone) values
    ('NL', 'near'), ('BE', 'near'), ('DE', 'near'), ('LU', 'near'), ('FR', 'near'), ('AT', 'near'),
    ('BG', 'eu'), ('CY', 'eu'), ('CZ', 'eu'), ('DK', 'eu'), ('EE', 'eu'), ('ES', 'eu'), ('FI', 'eu'), ('GR', 'eu'), ('HR', 'eu'), ('HU', 'eu'),
    ('IE', 'eu'), ('IT', 'eu'), ('LT', 'eu'), ('LV', 'eu'), ('MT', 'eu'), ('PL', 'eu'), ('PT', 'eu'), ('RO', 'eu'), ('SE', 'eu'), ('SI', 'eu'),
    ('SK', 'eu'), ('GB', 'abroad'), ('CH', 'abroad'), ('NO', 'abroad');

insert into shipping.rate (zone, code, names, carrier, up_to_grams, currency, price, days_min, days_max, can_be_free)
select z.zone, r.code, r.names::jsonb, r.carrier, w.up_to, c.currency, round(r.base * z.factor * c.factor * w.factor / 10.0) * 10, r.days_min + z.days, r.days_max + z.days, r.free
from (values ('near', 1.0, 0), ('eu', 1.8, 2), ('abroad', 2.6, 3)) as z (zone, factor, days)
cross join (values ('EUR', 1.0), ('GBP', 0.86), ('CHF', 0.96)) as c (currency, factor)
cross join (values (5000::bigint, 1.0), (30000::bigint, 2.0), (1000000::bigint, 8.0)) as w (up_to, factor)
cross join (values
    ('standard', '{"en":"Standard delivery","de":"Standardlieferung","nl":"Standaardbezorging","fr":"Livraison standard"}', null, 490, 2, 3, true),
    ('express', '{"en":"Express, next working day","de":"Express, nächster Werktag","nl":"Express, volgende werkdag","fr":"Express, jour ouvré suivant"}', null, 1290, 1, 1, false)
) as r (code, names, carrier, base, days_min, days_max, free)
where r.code = 'standard' or (z.zone <> 'abroad' and w.up_to <= 30000);

insert into shipping.free_from (zone, currency, amount)
select z.zone, c.currency, z.amount
from (values ('near', 10000), ('eu', 20000)) as z (zone, amount)
cross join (values ('EUR'), ('GBP'), ('CHF')) as c (currency);
