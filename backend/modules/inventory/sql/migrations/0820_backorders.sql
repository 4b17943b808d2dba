-- Goods that are sold before they are there. Of a stock row: pledged = beyond what is on hand for checkouts, owed = for orders. What is held
-- and allocated stays what is really there.
alter table inventory.stock
    add column backorder_policy text not null default 'deny' check (backorder_policy in ('deny', 'backorder')),
    add column backorder_limit bigint check (backorder_limit >= 0),
    add column expected_on date,
    add column pledged bigint not null default 0,
    add column owed bigint not null default 0,
    add constraint stock_pledged_not_negative check (pledged >= 0),
    add constraint stock_owed_not_negative check (owed >= 0),
    add constraint stock_backorder_limit_kept check (backorder_limit is null or pledged + owed <= backorder_limit);

alter table inventory.hold
    add column pledged bigint not null default 0 check (pledged >= 0),
    drop constraint hold_quantity_check,
    add constraint hold_quantity_check check (quantity >= 0 and quantity + pledged > 0);

-- Units of an order that are not there yet; who waits longest has the smallest id.
create table inventory.waiting (
    id bigint generated always as identity primary key,
    order_id uuid not null,
    stock_id uuid not null references inventory.stock (id) on delete restrict,
    quantity bigint not null check (quantity > 0),
    created_at timestamptz not null,
    unique (order_id, stock_id)
);
create index waiting_stock on inventory.waiting (stock_id, id);

create or replace view inventory_api.admin_stock as
select s.id, s.variant_id, v.sku, s.warehouse_id, w.code as warehouse, s.on_hand, s.held, s.allocated, s.on_hand - s.held - s.allocated as available,
    s.updated_at, s.backorder_policy, s.backorder_limit, s.expected_on, s.pledged, s.owed
from inventory.stock s join inventory.warehouse w on w.id = s.warehouse_id join catalog.variant v on v.id = s.variant_id;
