-- no transaction
-- Closing a warehouse asks what lies in it.
create index concurrently if not exists stock_by_warehouse on inventory.stock (warehouse_id);
