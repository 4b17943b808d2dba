-- no transaction
create index concurrently if not exists gift_card_forget on orders.gift_card (order_id) where forget;
