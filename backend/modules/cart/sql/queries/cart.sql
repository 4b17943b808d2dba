-- name: find_cart
-- $1: the customer, $2: hash of the guest's cookie; exactly one of them is given.
select id, version, state, customer_id, currency, locale, country from cart.cart
where state = 'open' and (customer_id = $1::uuid or (token_hash = $2::text and customer_id is null and expires_at > $3::timestamptz));

-- name: lock_cart
select id, version, state, customer_id, currency, locale, country from cart.cart
where state = 'open' and (customer_id = $1::uuid or (token_hash = $2::text and customer_id is null and expires_at > $3::timestamptz))
for update;

-- name: find_lines
select l.id, l.variant_id, l.quantity, l.wanted, l.shown_amount, l.shown_currency, l.gifts::text as gifts
from cart.line l join cart.cart c on c.id = l.cart_id
where c.state = 'open' and (c.customer_id = $1::uuid or (c.token_hash = $2::text and c.customer_id is null and c.expires_at > $3::timestamptz))
order by l.id;

-- name: find_codes
select k.code
from cart.code k join cart.cart c on c.id = k.cart_id
where c.state = 'open' and (c.customer_id = $1::uuid or (c.token_hash = $2::text and c.customer_id is null and c.expires_at > $3::timestamptz))
order by k.position;

-- name: cart_by_id
select id, version, state, customer_id, currency, locale, country from cart.cart where id = $1::uuid;

-- name: lock_cart_by_id
select id, version, state, customer_id, currency, locale, country from cart.cart where id = $1::uuid for update;

-- name: lines_by_cart
select id, variant_id, quantity, wanted, shown_amount, shown_currency, gifts::text as gifts from cart.line where cart_id = $1::uuid order by id;

-- name: codes_by_cart
select code from cart.code where cart_id = $1::uuid order by position;

-- name: item_count
select coalesce(sum(l.quantity), 0)::bigint as items
from cart.line l join cart.cart c on c.id = l.cart_id
where c.state = 'open' and (c.customer_id = $1::uuid or (c.token_hash = $2::text and c.customer_id is null and c.expires_at > $3::timestamptz));

-- name: create_cart
insert into cart.cart (id, token_hash, customer_id, currency, locale, country, created_at, updated_at, expires_at)
values ($1::uuid, $2::text, $3::uuid, $4::char(3), $5::text, $6::char(2), $7::timestamptz, $7::timestamptz, $8::timestamptz)
on conflict (customer_id) where state = 'open' and customer_id is not null do nothing
returning id;

-- name: touch_cart
update cart.cart set version = version + 1, updated_at = $2::timestamptz, expires_at = $3::timestamptz where id = $1::uuid returning version;

-- name: put_line
insert into cart.line (id, cart_id, variant_id, quantity, shown_amount, shown_currency, gifts)
values ($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::bigint, $6::char(3), $7::jsonb)
on conflict (cart_id, variant_id) do update
set quantity = excluded.quantity, wanted = null, shown_amount = excluded.shown_amount, shown_currency = excluded.shown_currency,
    gifts = excluded.gifts;

-- name: put_gifts
update cart.line set gifts = $3::jsonb where id = $1::uuid and cart_id = $2::uuid

-- name: remove_line
delete from cart.line where id = $1::uuid and cart_id = $2::uuid;

-- name: put_code
insert into cart.code (cart_id, code) values ($1::uuid, $2::text) on conflict (cart_id, code) do nothing;

-- name: remove_code
delete from cart.code where cart_id = $1::uuid and code = $2::text;

-- name: set_context
update cart.cart set currency = $2::char(3), locale = $3::text, country = $4::char(2) where id = $1::uuid;

-- name: set_country
update cart.cart set country = $2::char(2), version = version + 1 where id = $1::uuid and country <> $2::char(2);

-- name: remember_prices
update cart.line l set shown_amount = i.amount, shown_currency = $3::char(3)
from unnest($1::uuid[], $2::bigint[]) as i (id, amount) where l.id = i.id;

-- name: mark_ordered
-- $4: the cookie goes to another cart.
update cart.cart set state = 'ordered', order_id = $2::uuid, updated_at = $3::timestamptz,
    token_hash = case when $4::boolean then null else token_hash end
where id = $1::uuid and state = 'open';

-- name: lock_joined
select state, token_hash, merged_into from cart.cart where id = $1::uuid for update;

-- name: keep_lines
-- Of gift cards the first were bought.
insert into cart.line (id, cart_id, variant_id, quantity, shown_amount, shown_currency, gifts)
select i.id, $2::uuid, l.variant_id, i.quantity, l.shown_amount, l.shown_currency,
    (select jsonb_agg(g.gift order by g.place) from jsonb_array_elements(l.gifts) with ordinality as g (gift, place)
     where g.place > l.quantity - i.quantity)
from unnest($3::uuid[], $4::uuid[], $5::bigint[]) as i (id, variant_id, quantity)
join cart.line l on l.cart_id = $1::uuid and l.variant_id = i.variant_id;

-- name: remove_bought
delete from cart.line l using unnest($2::uuid[], $3::bigint[]) as b (variant_id, quantity)
where l.cart_id = $1::uuid and l.variant_id = b.variant_id and l.quantity <= b.quantity;

-- name: reduce_bought
-- The guest's gift cards, which stand last, were bought.
update cart.line l set quantity = l.quantity - b.quantity, wanted = null,
    gifts = (select jsonb_agg(g.gift order by g.place) from jsonb_array_elements(l.gifts) with ordinality as g (gift, place)
             where g.place <= l.quantity - b.quantity)
from unnest($2::uuid[], $3::bigint[]) as b (variant_id, quantity)
where l.cart_id = $1::uuid and l.variant_id = b.variant_id and l.quantity > b.quantity;

-- name: reopen
update cart.cart c set state = 'open', order_id = null, version = version + 1, updated_at = $2::timestamptz
where c.id = $1::uuid and c.state = 'ordered' and (c.token_hash is not null or c.customer_id is not null)
  and not exists (select 1 from cart.cart o where o.customer_id = c.customer_id and o.state = 'open')
returning c.id;

-- name: lock_guest_cart
-- Also one that was ordered: its payment may still be under way.
select id, version, state, customer_id, currency, locale, country from cart.cart
where state <> 'merged' and token_hash = $1::text and customer_id is null and expires_at > $2::timestamptz
for update;

-- name: adopt_cart
update cart.cart c set customer_id = $2::uuid, token_hash = null, version = version + 1, updated_at = $3::timestamptz
where c.id = $1::uuid and not exists (select 1 from cart.cart o where o.customer_id = $2::uuid and o.state = 'open')
returning c.id;

-- name: merge_lines
insert into cart.line as l (id, cart_id, variant_id, quantity, wanted, gifts)
select i.id, $1::uuid, i.variant_id, i.quantity, i.wanted, i.gifts::jsonb
from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[]) as i (id, variant_id, quantity, wanted, gifts)
on conflict (cart_id, variant_id) do update set quantity = excluded.quantity, wanted = excluded.wanted, gifts = excluded.gifts;

-- name: merge_codes
insert into cart.code (cart_id, code) select $1::uuid, k.code from unnest($2::text[]) as k (code) on conflict (cart_id, code) do nothing;

-- name: mark_merged
update cart.cart set state = 'merged', merged_into = $2::uuid, updated_at = $3::timestamptz where id = $1::uuid;

-- name: sweep
delete from cart.cart where id in (
    select id from cart.cart where customer_id is null and state <> 'ordered' and expires_at < $1::timestamptz order by expires_at limit $2::int for update skip locked);

-- name: forget_carts_of_customer
with gone as (delete from cart.cart where customer_id = $1::uuid and state <> 'ordered' returning id),
kept as (update cart.cart set customer_id = null where customer_id = $1::uuid and state = 'ordered' returning id),
silent as (update cart.line l set gifts = null from cart.cart c
           where c.id = l.cart_id and c.customer_id = $1::uuid and c.state = 'ordered' and l.gifts is not null)
select id from gone union all select id from kept;
