-- The first warehouse is where the configuration says (STOA_SENDER_COUNTRY), once; whoever has goods in it has settled where it is.
alter table inventory.warehouse add column settled_at timestamptz;
update inventory.warehouse w set settled_at = now() where exists (select from inventory.stock s where s.warehouse_id = w.id);
alter table inventory.warehouse add constraint warehouse_country check (country ~ '^[A-Z]{2}$') not valid;
alter table inventory.warehouse validate constraint warehouse_country;
create or replace view inventory_api.admin_warehouse as
select w.id, w.code, w.name, w.country, w.priority, w.is_active, w.parcel_cost, w.parcel_cost_abroad
from inventory.warehouse w;
