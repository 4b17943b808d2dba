-- What the back office lists.
create schema inventory_api;
create view inventory_api.admin_warehouse as
select w.id, w.code, w.name, w.country, w.priority from inventory.warehouse w;
create view inventory_api.admin_stock as
select s.id, s.variant_id, v.sku, s.warehouse_id, w.code as warehouse, s.on_hand, s.held, s.allocated, s.on_hand - s.held - s.allocated as available,
    s.updated_at
from inventory.stock s join inventory.warehouse w on w.id = s.warehouse_id join catalog.variant v on v.id = s.variant_id;
