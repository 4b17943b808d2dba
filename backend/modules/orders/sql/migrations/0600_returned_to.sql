-- Into which warehouse the goods of a return were booked (its stock row keeps it there); null where nothing came, or came before this was kept.
alter table orders.return_line add column warehouse_id uuid;
