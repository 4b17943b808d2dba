-- Units of a refund that had not left: they are not sent any more, and their stock is free again. Of earlier refunds nothing is known: what
-- they were about goes its way.
alter table orders.refund_line add column unsent bigint not null default 0 check (unsent >= 0 and unsent <= quantity);
