-- no transaction
create index concurrently if not exists shipment_in_trouble on shipping.shipment (order_id)
    where state in ('exception', 'returned') and booked_in_at is null;
