-- Whether a use was counted against the promotion's limit and the buyer's when the order was placed: only that is given back. Null: written before.
alter table promotions.usage add column counted boolean, add column customer_counted boolean;
-- A limit may be lowered below what was used: the count stays what it is.
alter table promotions.promotion drop constraint promotion_check1;
alter table promotions.code drop constraint code_check;
-- Counts that a lower limit clipped.
update promotions.promotion p set used_count = greatest(p.used_count, (select count(*) from promotions.usage u where u.promotion_id = p.id))
where p.usage_limit is not null;
update promotions.code c set used_count = greatest(c.used_count, (select count(*) from promotions.usage u where u.code_id = c.id))
where c.usage_limit is not null;
-- Uses from before a buyer's limit.
insert into promotions.customer_use as c (promotion_id, identity, used)
select u.promotion_id, i.identity, count(*)
from promotions.promotion p
join promotions.usage u on u.promotion_id = p.id
join promotions.redemption r on r.order_id = u.order_id
cross join unnest(r.identities) as i (identity)
where p.customer_limit is not null
group by u.promotion_id, i.identity
on conflict (promotion_id, identity) do update set used = greatest(c.used, excluded.used);
