-- Gift cards and store credit that the shopper pays with, in the order in which they are used up.
alter table checkout.checkout add column credit_ids uuid[] not null default '{}';
