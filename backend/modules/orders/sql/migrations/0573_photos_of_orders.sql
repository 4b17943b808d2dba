-- no transaction
-- All photos of an order, claimed or not: they are found when its buyer asks to be forgotten.
create index concurrently if not exists return_photo_order on orders.return_photo (order_id);
