-- What was to go back to the payments and became store credit instead.
alter table orders.refund add column as_credit bigint not null default 0 check (as_credit >= 0);
-- An order that was changed has a further invoice, which takes the place of the one before. `reference` keeps each of them single.
drop index orders.document_one_invoice;
