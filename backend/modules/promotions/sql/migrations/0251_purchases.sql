-- What an order is the purchase of (a cart): the next try to pay must not meet the use that its own pending order counted.
alter table promotions.redemption add column purchase uuid;
create index redemption_by_purchase on promotions.redemption (purchase) where purchase is not null;
-- Other orders of one person, when the first of them comes to nothing.
create index redemption_by_identity on promotions.redemption using gin (identities);
