-- no transaction
-- A cancelled replacement finds the return it was for.
create index concurrently if not exists return_by_replacement on orders.return_request (replacement_order_id) where replacement_order_id is not null;
