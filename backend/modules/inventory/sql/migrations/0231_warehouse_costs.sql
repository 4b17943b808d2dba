-- What decides from where an order is sent: which places take part, and what a parcel costs from there (minor units of the shop's
-- default currency), inside its country and beyond.
alter table inventory.warehouse
    add column is_active boolean not null default true,
    add column parcel_cost bigint not null default 0 check (parcel_cost >= 0),
    add column parcel_cost_abroad bigint not null default 0 check (parcel_cost_abroad >= 0);
