-- Its buyer asked to be forgotten before it was sent: whom it is for goes when it is.
alter table orders.gift_card add column forget boolean not null default false;

-- Orders of gift cards alone ended without saying when, so none of them was ever completed.
insert into orders.timeline (order_id, at, kind)
select o.id, o.updated_at, 'delivered'
from orders.orders o
where o.state = 'delivered' and exists (select 1 from orders.gift_card g where g.order_id = o.id)
    and not exists (select 1 from orders.timeline t where t.order_id = o.id and t.kind = 'delivered');
