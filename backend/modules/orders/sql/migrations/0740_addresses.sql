-- The different addresses that orders were placed with. Orders are many and their addresses few, so letters in the middle of an address are
-- looked for here, and the orders of what was found by orders_email_begins: an index of the letters of each order was slower to ask and to keep.
-- Who takes an address out of orders (a customer to be forgotten) takes it out of here.
create table orders.address (
    email_folded text primary key
);
insert into orders.address select distinct email_folded from orders.orders;
create index address_parts on orders.address using gin (email_folded gin_trgm_ops);
drop index orders.orders_email_parts;

create function orders.remember_addresses() returns trigger language plpgsql as $$
begin
    insert into orders.address select distinct a.email_folded from added a order by 1 on conflict do nothing;
    return null;
end $$;
create trigger order_address after insert on orders.orders referencing new table as added
    for each statement execute function orders.remember_addresses();
