-- name: promotions_for_cart
-- $3: the purchase. What its own pending order took is there for it again.
select p.id, p.name, p.labels::text as labels, p.kind, p.automatic, p.enabled, p.lane, p.exclusive_group, p.starts_at, p.ends_at, p.usage_limit,
       p.customer_limit, p.rules::text as rules, p.version,
       greatest(p.used_count - (select count(*) from promotions.redemption r join promotions.usage u on u.order_id = r.order_id
                                where r.purchase = $3::uuid and u.promotion_id = p.id), 0) as used_count
from promotions.promotion p
where (p.automatic and p.enabled and (p.starts_at is null or p.starts_at <= $2::timestamptz) and (p.ends_at is null or p.ends_at > $2::timestamptz))
   or p.id in (select c.promotion_id from promotions.code c where c.code = any($1::text[]))
order by p.id;

-- name: codes_for_cart
select c.id, c.promotion_id, c.code, c.enabled, c.expires_at, c.usage_limit,
       greatest(c.used_count - (select count(*) from promotions.redemption r join promotions.usage u on u.order_id = r.order_id
                                where r.purchase = $2::uuid and u.code_id = c.id), 0) as used_count
from promotions.code c where c.code = any($1::text[]);

-- name: buyer_facts
-- Uses per promotion; the row without a promotion says whether there was an order.
select u.promotion_id,
       max(greatest(u.used - (select count(*) from promotions.redemption r join promotions.usage o on o.order_id = r.order_id
                              where r.purchase = $2::uuid and o.promotion_id = u.promotion_id and u.identity = any(r.identities)), 0)) as used
from promotions.customer_use u where u.identity = any($1::text[]) group by u.promotion_id
union all
-- An order of this very purchase does not count, unless there is another of the same person beside it.
select null, count(*) from promotions.buyer b
where b.identity = any($1::text[])
  and (not exists (select 1 from promotions.redemption r where r.order_id = b.order_id and r.purchase = $2::uuid)
       or exists (select 1 from promotions.redemption r where r.identities @> array[b.identity] and r.purchase is distinct from $2::uuid));

-- name: redemption_exists
select order_id from promotions.redemption where order_id = $1::uuid;

-- name: promotion_limits
select id, name, usage_limit is not null as limited, customer_limit is not null as limited_per_customer,
       coalesce((rules ->> 'first_order')::boolean, false) as first_order
from promotions.promotion where id = any($1::uuid[]) order by id;

-- name: limited_codes
select id, promotion_id from promotions.code where id = any($1::uuid[]) and usage_limit is not null order by id;

-- name: take_promotions
update promotions.promotion set used_count = used_count + 1
where id = any($2::uuid[]) and usage_limit is not null and used_count < usage_limit
  and not exists (select 1 from promotions.redemption r where r.order_id = $1::uuid)
returning id;

-- name: take_codes
update promotions.code set used_count = used_count + 1
where id = any($2::uuid[]) and usage_limit is not null and used_count < usage_limit
  and not exists (select 1 from promotions.redemption r where r.order_id = $1::uuid)
returning id;

-- name: take_customer_uses
insert into promotions.customer_use as u (promotion_id, identity, used)
select p.id, i.identity, 1
from promotions.promotion p cross join unnest($3::text[]) as i (identity)
where p.id = any($2::uuid[]) and p.customer_limit is not null
  and not exists (select 1 from promotions.redemption r where r.order_id = $1::uuid)
order by p.id, i.identity
on conflict (promotion_id, identity) do update set used = u.used + 1
where u.used < (select p.customer_limit from promotions.promotion p where p.id = excluded.promotion_id)
returning promotion_id;

-- name: remember_buyer
-- Whoever is known keeps the first order; the row is locked all the same, so that its release waits for this transaction.
insert into promotions.buyer as b (identity, order_id, first_at)
select i.identity, $1::uuid, $3::timestamptz from unnest($2::text[]) as i (identity)
where not exists (select 1 from promotions.redemption r where r.order_id = $1::uuid)
order by i.identity
on conflict (identity) do update set order_id = b.order_id
returning b.identity, b.order_id;

-- name: write_redemption
insert into promotions.redemption (order_id, identities, redeemed_at, purchase) values ($1::uuid, $2::text[], $3::timestamptz, $4::uuid)
on conflict (order_id) do nothing;

-- name: write_usage
insert into promotions.usage (order_id, promotion_id, code_id, amount, currency, counted, customer_counted)
select $1::uuid, i.promotion_id, i.code_id, i.amount, i.currency, i.counted, i.customer_counted
from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::bool[], $7::bool[])
     as i (promotion_id, code_id, amount, currency, counted, customer_counted)
on conflict (order_id, promotion_id) do nothing;

-- name: lock_redemption
select identities from promotions.redemption where order_id = $1::uuid for update;

-- name: return_promotions
-- Only what was counted comes back: an order from before a limit has nothing to return.
update promotions.promotion p set used_count = greatest(p.used_count - 1, 0)
from promotions.usage u where u.order_id = $1::uuid and u.promotion_id = p.id and p.usage_limit is not null and u.counted is not false;

-- name: return_codes
update promotions.code c set used_count = greatest(c.used_count - 1, 0)
from promotions.usage u where u.order_id = $1::uuid and u.code_id = c.id and c.usage_limit is not null;

-- name: return_customer_uses
update promotions.customer_use c set used = greatest(c.used - 1, 0)
from promotions.usage u where u.order_id = $1::uuid and u.promotion_id = c.promotion_id and c.identity = any($2::text[]) and u.customer_counted is not false;

-- name: lock_buyers
select identity from promotions.buyer where order_id = $1::uuid order by identity for update;

-- name: pass_on_buyer
-- Another order of the same person lives: it is the first one now.
update promotions.buyer b set order_id = n.order_id, first_at = n.redeemed_at
from (select distinct on (i.identity) i.identity, r.order_id, r.redeemed_at
      from unnest($2::text[]) as i (identity)
      join promotions.redemption r on r.identities @> array[i.identity] and r.order_id <> $1::uuid
      order by i.identity, r.redeemed_at, r.order_id) n
where b.identity = n.identity and b.order_id = $1::uuid;

-- name: forget_buyer
delete from promotions.buyer where order_id = $1::uuid;

-- name: delete_redemption
delete from promotions.redemption where order_id = $1::uuid;

-- name: promotion_for_update
select usage_limit is not null as limited, customer_limit is not null as limited_per_customer from promotions.promotion where name = $1::text for update;

-- name: count_uses
-- A limit has appeared: the past uses count from now on.
with counted as (
    update promotions.usage set counted = true where promotion_id = $1::uuid returning order_id
)
update promotions.promotion set used_count = (select count(*) from counted) where id = $1::uuid;

-- name: forget_customer_uses
delete from promotions.customer_use where promotion_id = $1::uuid;

-- name: count_customer_uses
with counted as (
    update promotions.usage set customer_counted = true where promotion_id = $1::uuid returning order_id
)
insert into promotions.customer_use (promotion_id, identity, used)
select $1::uuid, i.identity, count(*)
from counted c join promotions.redemption r on r.order_id = c.order_id cross join unnest(r.identities) as i (identity)
group by i.identity order by i.identity;

-- name: save_promotion
insert into promotions.promotion as p (id, name, labels, kind, automatic, enabled, lane, exclusive_group, starts_at, ends_at, usage_limit, customer_limit, rules)
values ($1::uuid, $2::text, $3::jsonb, $4::text, $5::bool, $6::bool, $7::bigint, $8::text, $9::timestamptz, $10::timestamptz, $11::bigint, $12::bigint, $13::jsonb)
on conflict (name) do update set labels = excluded.labels, kind = excluded.kind, automatic = excluded.automatic, enabled = excluded.enabled,
    lane = excluded.lane, exclusive_group = excluded.exclusive_group, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    usage_limit = excluded.usage_limit, customer_limit = excluded.customer_limit, rules = excluded.rules, version = p.version + 1,
    used_count = case when excluded.usage_limit is null then 0 else p.used_count end
returning id;

-- name: add_code
-- A code that the promotion has stays as it is, but for a limit or an end that is named. Past uses count when its first limit appears.
insert into promotions.code as c (id, promotion_id, code, usage_limit, expires_at)
values ($1::uuid, $2::uuid, $3::text, $4::bigint, $5::timestamptz)
on conflict (code) do update set usage_limit = coalesce(excluded.usage_limit, c.usage_limit), expires_at = coalesce(excluded.expires_at, c.expires_at),
    used_count = case when c.usage_limit is null and excluded.usage_limit is not null
                      then (select count(*) from promotions.usage u where u.code_id = c.id) else c.used_count end
where c.promotion_id = excluded.promotion_id
returning id;

-- name: add_codes
insert into promotions.code (id, promotion_id, code, usage_limit, expires_at)
select i.id, $1::uuid, i.code, $4::bigint, $5::timestamptz from unnest($2::uuid[], $3::text[]) as i (id, code)
on conflict (code) do nothing
returning code;
