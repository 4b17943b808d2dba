-- Whose order belongs to no account gets store credit as a gift card: this one.
alter table orders.refund add column gift_card_id uuid references payments.credit (id) on delete restrict;
