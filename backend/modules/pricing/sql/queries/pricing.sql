-- name: prices_for_buyer
-- Every price that may apply, best list first.
select p.variant_id, l.code as list_code, l.currency, l.tax_included, l.export_net, l.priority,
       (case when l.company_id is not null then 4 else 0 end + case when l.customer_group is not null then 2 else 0 end
        + case when l.channel is not null then 1 else 0 end) as specificity,
       l.id as list_id, p.valid_from, greatest(p.recorded_at, l.valid_from, l.shown_since) as recorded_at, p.tier_quantities::text as tier_quantities, p.tier_amounts::text as tier_amounts
from pricing.price p
join pricing.price_list l on l.id = p.list_id
where p.variant_id = any($1::uuid[])
  and l.enabled and l.currency = $2::char(3)
  and (l.channel is null or l.channel = $3::text)
  and (l.customer_group is null or l.customer_group = any($4::text[]))
  and (l.company_id is null or l.company_id = $5::uuid)
  and (l.valid_from is null or l.valid_from <= $6::timestamptz) and (l.valid_until is null or l.valid_until > $6::timestamptz)
  and (p.valid_from is null or p.valid_from <= $6::timestamptz) and (p.valid_until is null or p.valid_until > $6::timestamptz)
order by p.variant_id, p.list_id, p.valid_from desc nulls last;

-- name: history_for_reduced
-- The price history that lowest-price statements need: of variants with a scheduled price that applies now, 30 days before it began.
-- What the same buyers could have paid by another list counts as well, while that list was open to them, whatever it is today.
select s.variant_id, s.list_id as reduced_list_id, h.list_id, o.code as list_code, o.priority,
       (case when o.company_id is not null then 4 else 0 end + case when o.customer_group is not null then 2 else 0 end
        + case when o.channel is not null then 1 else 0 end) as specificity,
       h.starts, h.amount, greatest(h.applies_from, o.opens) as applies_from, least(h.applies_until, o.closes) as applies_until
from (
    select p.variant_id, p.list_id, min(p.valid_from) as valid_from
    from pricing.price p
    where p.variant_id = any($1::uuid[])
      and p.valid_from is not null and p.valid_from <= $3::timestamptz and (p.valid_until is null or p.valid_until > $3::timestamptz)
    group by p.variant_id, p.list_id
) s
join pricing.price_list l on l.id = s.list_id
join (
    select t.id, t.code, t.currency, t.priority, t.channel, t.customer_group, t.company_id,
           greatest(t.terms_since, t.valid_from) as opens, t.valid_until as closes
    from pricing.price_list t where t.enabled
    union all
    select f.list_id, t.code, t.currency, f.priority, f.channel, f.customer_group, f.company_id,
           greatest(f.applies_from, f.valid_from), least(f.applies_until, f.valid_until)
    from pricing.former_terms f join pricing.price_list t on t.id = f.list_id
) o on o.currency = l.currency and (o.channel is null or o.channel = $4::text)
     and o.customer_group is not distinct from l.customer_group and o.company_id is not distinct from l.company_id
join pricing.price_history h on h.variant_id = s.variant_id and h.list_id = o.id
where l.enabled and l.currency = $2::char(3)
  and h.applies_from < $3::timestamptz
  and (h.applies_until is null or h.applies_until > s.valid_from - interval '31 days')
  and (o.closes is null or o.closes > s.valid_from - interval '31 days')
  and greatest(h.applies_from, o.opens) < coalesce(least(h.applies_until, o.closes), 'infinity'::timestamptz)
order by s.variant_id, h.list_id, h.applies_from, h.id, o.opens nulls first;

-- name: public_prices_page
select p.variant_id, l.code as list_code, l.currency, l.tax_included, l.export_net, l.priority,
       case when l.channel is not null then 1 else 0 end as specificity,
       l.id as list_id, p.valid_from, greatest(p.recorded_at, l.valid_from, l.shown_since) as recorded_at, p.tier_quantities::text as tier_quantities, p.tier_amounts::text as tier_amounts
from pricing.price p
join pricing.price_list l on l.id = p.list_id
where p.variant_id > $1::uuid
  and l.enabled and l.currency = $2::char(3)
  and (l.channel is null or l.channel = $3::text)
  and l.customer_group is null and l.company_id is null
  and (l.valid_from is null or l.valid_from <= $4::timestamptz) and (l.valid_until is null or l.valid_until > $4::timestamptz)
  and (p.valid_from is null or p.valid_from <= $4::timestamptz) and (p.valid_until is null or p.valid_until > $4::timestamptz)
order by p.variant_id
limit $5::int;

-- name: contract_lists
select l.id, l.currency, l.customer_group, l.company_id
from pricing.price_list l
where l.enabled and (l.channel is null or l.channel = $1::text)
  and (l.customer_group is not null or l.company_id is not null)
  and (l.valid_from is null or l.valid_from <= $2::timestamptz) and (l.valid_until is null or l.valid_until > $2::timestamptz)
order by l.id;

-- name: contract_prices_page
select p.variant_id, l.code as list_code, l.currency, l.tax_included, l.export_net, l.priority,
       (case when l.company_id is not null then 4 else 0 end + case when l.customer_group is not null then 2 else 0 end
        + case when l.channel is not null then 1 else 0 end) as specificity,
       l.id as list_id, p.valid_from, greatest(p.recorded_at, l.valid_from, l.shown_since) as recorded_at, p.tier_quantities::text as tier_quantities, p.tier_amounts::text as tier_amounts
from pricing.price p
join pricing.price_list l on l.id = p.list_id
where p.variant_id > $1::uuid
  and l.enabled and l.currency = $2::char(3)
  and (l.channel is null or l.channel = $3::text)
  and (l.customer_group is not null or l.company_id is not null)
  and (l.valid_from is null or l.valid_from <= $4::timestamptz) and (l.valid_until is null or l.valid_until > $4::timestamptz)
  and (p.valid_from is null or p.valid_from <= $4::timestamptz) and (p.valid_until is null or p.valid_until > $4::timestamptz)
order by p.variant_id, p.list_id
limit $5::int;

-- name: contract_prices_of
select p.variant_id, l.code as list_code, l.currency, l.tax_included, l.export_net, l.priority,
       (case when l.company_id is not null then 4 else 0 end + case when l.customer_group is not null then 2 else 0 end
        + case when l.channel is not null then 1 else 0 end) as specificity,
       l.id as list_id, p.valid_from, greatest(p.recorded_at, l.valid_from, l.shown_since) as recorded_at, p.tier_quantities::text as tier_quantities, p.tier_amounts::text as tier_amounts
from pricing.price p
join pricing.price_list l on l.id = p.list_id
where p.variant_id = any($1::uuid[])
  and l.enabled and l.currency = $2::char(3)
  and (l.channel is null or l.channel = $3::text)
  and (l.customer_group is not null or l.company_id is not null)
  and (l.valid_from is null or l.valid_from <= $4::timestamptz) and (l.valid_until is null or l.valid_until > $4::timestamptz)
  and (p.valid_from is null or p.valid_from <= $4::timestamptz) and (p.valid_until is null or p.valid_until > $4::timestamptz)
order by p.variant_id, p.list_id;

-- name: next_window
select least((select min(p.valid_from) from pricing.price p where p.valid_from > $1::timestamptz),
             (select min(p.valid_until) from pricing.price p where p.valid_until > $1::timestamptz),
             (select min(l.valid_from) from pricing.price_list l where l.enabled and l.valid_from > $1::timestamptz),
             (select min(l.valid_until) from pricing.price_list l where l.enabled and l.valid_until > $1::timestamptz)) as at;

-- name: lists_between
select id, code from pricing.price_list
where enabled and ((valid_from > $1::timestamptz and valid_from <= $2::timestamptz)
                   or (valid_until > $1::timestamptz and valid_until <= $2::timestamptz))
order by id;

-- name: price_list_by_code
select id from pricing.price_list where code = $1::text;

-- name: price_list_for_update
select id, name, currency, tax_included, export_net, enabled, priority, channel, customer_group, company_id, valid_from, valid_until, terms_since,
    shown_since
from pricing.price_list where code = $1::text for update;

-- name: keep_former_terms
-- Of a list that nobody could buy by, nothing is kept.
insert into pricing.former_terms (list_id, priority, channel, customer_group, company_id, valid_from, valid_until, applies_from, applies_until)
select l.id, l.priority, l.channel, l.customer_group, l.company_id, l.valid_from, l.valid_until, l.terms_since, $2::timestamptz
from pricing.price_list l
where l.id = $1::uuid and l.enabled and (l.terms_since is null or l.terms_since < $2::timestamptz);

-- name: prices_in_list
-- Base and scheduled prices have an index each. Asked for together, the whole list would be read and each of its rows compared with each variant.
select p.variant_id, l.currency, p.valid_from, p.valid_until, p.tier_quantities::text as tier_quantities, p.tier_amounts::text as tier_amounts
from (
    select base.list_id, base.variant_id, base.valid_from, base.valid_until, base.tier_quantities, base.tier_amounts
    from pricing.price base
    where base.list_id = $1::uuid and base.variant_id = any($2::uuid[]) and base.valid_from is null
    union all
    select scheduled.list_id, scheduled.variant_id, scheduled.valid_from, scheduled.valid_until, scheduled.tier_quantities, scheduled.tier_amounts
    from pricing.price scheduled
    where scheduled.list_id = $1::uuid and scheduled.variant_id = any($2::uuid[]) and scheduled.valid_from is not null
) p
join pricing.price_list l on l.id = p.list_id
order by p.variant_id, p.valid_from nulls first;

-- name: save_price_list
insert into pricing.price_list (id, code, name, currency, tax_included, export_net, enabled, priority, channel, customer_group, company_id, valid_from,
    valid_until, terms_since, shown_since)
values ($1::uuid, $2::text, $3::text, $4::char(3), $5::bool, $6::bool, $7::bool, $8::bigint, $9::text, $10::text, $11::uuid, $12::timestamptz,
    $13::timestamptz, $14::timestamptz, $15::timestamptz)
on conflict (code) do update set name = excluded.name, tax_included = excluded.tax_included, export_net = excluded.export_net, enabled = excluded.enabled,
    priority = excluded.priority, channel = excluded.channel, customer_group = excluded.customer_group, company_id = excluded.company_id,
    valid_from = excluded.valid_from, valid_until = excluded.valid_until, terms_since = excluded.terms_since, shown_since = excluded.shown_since
where pricing.price_list.currency = excluded.currency
returning id;

-- name: end_overtaken
-- Reductions of one list that apply and that the new base prices reach: they would hide the lower price of every day.
with given as (
    select i.variant_id, i.amounts::bigint[] as amounts from unnest($2::uuid[], $3::text[]) as i (variant_id, amounts)
), overtaken as (
    select s.id, s.variant_id, s.valid_from
    from given g
    join pricing.price b on b.list_id = $1::uuid and b.variant_id = g.variant_id and b.valid_from is null
    join pricing.price s on s.list_id = $1::uuid and s.variant_id = g.variant_id and s.valid_from is not null
    where s.valid_from <= $4::timestamptz and (s.valid_until is null or s.valid_until > $4::timestamptz)
      and s.tier_amounts[1] < b.tier_amounts[1] and s.tier_amounts[1] >= g.amounts[1]
), ended as (
    update pricing.price p set valid_until = $4::timestamptz from overtaken o where p.id = o.id and o.valid_from < $4::timestamptz
    returning p.variant_id
), removed as (
    delete from pricing.price p using overtaken o where p.id = o.id and o.valid_from = $4::timestamptz returning p.variant_id
), dropped as (
    delete from pricing.price_history h using overtaken o
    where h.list_id = $1::uuid and h.variant_id = o.variant_id and h.starts = o.valid_from and h.applies_from >= $4::timestamptz
    returning h.variant_id
), closed as (
    update pricing.price_history h set applies_until = $4::timestamptz from overtaken o
    where h.list_id = $1::uuid and h.variant_id = o.variant_id and h.starts = o.valid_from and h.applies_from < $4::timestamptz
      and (h.applies_until is null or h.applies_until > $4::timestamptz)
    returning h.variant_id
)
select distinct variant_id from overtaken order by variant_id;

-- name: set_base_prices
-- Base prices of one list; returns the variants whose price really changed. The history interval of the old price ends where
-- that of the new one begins.
with given as (
    select i.id, i.variant_id, i.quantities::bigint[] as quantities, i.amounts::bigint[] as amounts
    from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) as i (id, variant_id, quantities, amounts)
), changed as (
    insert into pricing.price (id, list_id, variant_id, tier_quantities, tier_amounts, recorded_at)
    select g.id, $1::uuid, g.variant_id, g.quantities, g.amounts, $6::timestamptz from given g order by g.variant_id
    on conflict (variant_id, list_id) where valid_from is null do update
    set tier_quantities = excluded.tier_quantities, tier_amounts = excluded.tier_amounts, recorded_at = excluded.recorded_at
    where (pricing.price.tier_quantities, pricing.price.tier_amounts) is distinct from (excluded.tier_quantities, excluded.tier_amounts)
    returning variant_id, tier_amounts[1] as amount
), known as (
    -- Asked for each variant by itself (offset 0): a join of thousands would read the whole history.
    select c.variant_id, c.amount as new_amount, o.id, o.amount from changed c cross join lateral (
        select h.id, h.amount from pricing.price_history h
        where h.variant_id = c.variant_id and h.list_id = $1::uuid and h.starts is null and h.applies_until is null offset 0
    ) o
), closed as (
    update pricing.price_history h set applies_until = greatest(h.applies_from, $6::timestamptz)
    where h.id = any(array(select k.id from known k where k.amount <> k.new_amount)) and h.applies_until is null
    returning h.variant_id
), written as (
    insert into pricing.price_history (list_id, variant_id, amount, applies_from)
    select $1::uuid, c.variant_id, c.amount, $6::timestamptz from changed c
    where not exists (select 1 from known k where k.variant_id = c.variant_id and k.amount = c.amount)
    returning variant_id
)
select c.variant_id from changed c order by c.variant_id;

-- name: set_scheduled_prices
-- Scheduled prices of one list, keyed by their start. What the replaced price would have cost from now on leaves the history.
-- One that goes on at the same amount (another end, other tiers) began when it did: neither its record nor its history starts anew.
with given as (
    select i.id, i.variant_id, i.quantities::bigint[] as quantities, i.amounts::bigint[] as amounts, i.valid_from, i.valid_until
    from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
         as i (id, variant_id, quantities, amounts, valid_from, valid_until)
), changed as (
    insert into pricing.price (id, list_id, variant_id, tier_quantities, tier_amounts, valid_from, valid_until, recorded_at)
    select g.id, $1::uuid, g.variant_id, g.quantities, g.amounts, g.valid_from, g.valid_until, $8::timestamptz from given g order by g.variant_id
    on conflict (variant_id, list_id, valid_from) where valid_from is not null do update
    set tier_quantities = excluded.tier_quantities, tier_amounts = excluded.tier_amounts, valid_until = excluded.valid_until,
        recorded_at = case when pricing.price.tier_amounts[1] = excluded.tier_amounts[1]
                                and (pricing.price.valid_until is null or pricing.price.valid_until > excluded.recorded_at)
                           then pricing.price.recorded_at else excluded.recorded_at end
    where (pricing.price.tier_quantities, pricing.price.tier_amounts, pricing.price.valid_until)
          is distinct from (excluded.tier_quantities, excluded.tier_amounts, excluded.valid_until)
    returning variant_id, tier_amounts[1] as amount, valid_from, valid_until, recorded_at <> $8::timestamptz as same_amount
), moved as (
    update pricing.price_history h set applies_until = case when c.valid_until is not null then greatest(c.valid_until, h.applies_from, $8::timestamptz) end
    from changed c
    where c.same_amount and h.variant_id = c.variant_id and h.list_id = $1::uuid and h.starts = c.valid_from
      and (h.applies_until is null or h.applies_until > $8::timestamptz)
    returning h.variant_id
), dropped as (
    delete from pricing.price_history h using changed c
    where not c.same_amount and h.variant_id = c.variant_id and h.list_id = $1::uuid and h.starts = c.valid_from and h.applies_from >= $8::timestamptz
    returning h.variant_id
), closed as (
    update pricing.price_history h set applies_until = $8::timestamptz
    from changed c
    where not c.same_amount and h.variant_id = c.variant_id and h.list_id = $1::uuid and h.starts = c.valid_from
      and h.applies_from < $8::timestamptz and (h.applies_until is null or h.applies_until > $8::timestamptz)
    returning h.variant_id
), written as (
    insert into pricing.price_history (list_id, variant_id, starts, amount, applies_from, applies_until)
    select $1::uuid, c.variant_id, c.valid_from, c.amount, greatest(c.valid_from, $8::timestamptz), c.valid_until from changed c
    where not c.same_amount and (c.valid_until is null or c.valid_until > $8::timestamptz)
    returning variant_id
)
select c.variant_id from changed c order by c.variant_id;

-- name: remove_prices
with removed as (
    delete from pricing.price where list_id = $1::uuid and variant_id = any($2::uuid[]) returning variant_id
), dropped as (
    delete from pricing.price_history where list_id = $1::uuid and variant_id = any($2::uuid[]) and applies_from >= $3::timestamptz returning variant_id
), closed as (
    update pricing.price_history set applies_until = $3::timestamptz
    where list_id = $1::uuid and variant_id = any($2::uuid[]) and applies_from < $3::timestamptz
      and (applies_until is null or applies_until > $3::timestamptz)
    returning variant_id
)
select distinct variant_id from removed order by variant_id;

-- name: end_scheduled
with ended as (
    update pricing.price set valid_until = $3::timestamptz
    where list_id = $1::uuid and variant_id = any($2::uuid[]) and valid_from < $3::timestamptz
      and (valid_until is null or valid_until > $3::timestamptz)
    returning variant_id
), removed as (
    delete from pricing.price where list_id = $1::uuid and variant_id = any($2::uuid[]) and valid_from = $3::timestamptz returning variant_id
), dropped as (
    delete from pricing.price_history
    where list_id = $1::uuid and variant_id = any($2::uuid[]) and starts <= $3::timestamptz and applies_from >= $3::timestamptz
    returning variant_id
), closed as (
    update pricing.price_history set applies_until = $3::timestamptz
    where list_id = $1::uuid and variant_id = any($2::uuid[]) and starts <= $3::timestamptz and applies_from < $3::timestamptz
      and (applies_until is null or applies_until > $3::timestamptz)
    returning variant_id
)
select variant_id from ended union select variant_id from removed order by variant_id;

-- name: list_currency
select currency from pricing.price_list where id = $1::uuid;

-- name: announced_until
-- The row is made by the first call and locked, so two workers never announce the same window.
insert into pricing.announced (until) values ($1::timestamptz)
on conflict (only_row) do update set until = pricing.announced.until
returning until;

-- name: windows_between
select distinct variant_id from pricing.price
where (valid_from > $1::timestamptz and valid_from <= $2::timestamptz) or (valid_until > $1::timestamptz and valid_until <= $2::timestamptz)
order by variant_id;

-- name: set_announced
update pricing.announced set until = $1::timestamptz where until < $1::timestamptz;

-- name: tax_rates
-- Where a rate has ended, the standard ones follow it until its class has another.
select r.country, r.tax_class, r.valid_from, r.basis_points, r.treatment from pricing.tax_rate r
union all
select e.country, e.tax_class, greatest(s.valid_from, e.valid_until), s.basis_points, s.treatment
from pricing.tax_rate e
join lateral (select min(n.valid_from) as next from pricing.tax_rate n
    where n.country = e.country and n.tax_class = e.tax_class and n.valid_from > e.valid_from) f on true
join pricing.tax_rate s on s.country = e.country and s.tax_class = 'standard'
    and (f.next is null or s.valid_from < f.next)
    and not exists (select from pricing.tax_rate l where l.country = s.country and l.tax_class = 'standard'
        and l.valid_from > s.valid_from and l.valid_from <= e.valid_until)
where e.valid_until is not null and (f.next is null or f.next > e.valid_until)
order by country, tax_class, valid_from desc;

-- name: eu_members
select country, member_from, member_until from pricing.eu_member order by country;

-- name: legal_entity
select code, country, tax_rounding, rounding from pricing.legal_entity where code = 'main';

-- name: set_tax_rate
insert into pricing.tax_rate (country, tax_class, valid_from, basis_points, treatment)
values ($1::char(2), $2::text, $3::date, $4::bigint, $5::text)
on conflict (country, tax_class, valid_from) do update set basis_points = excluded.basis_points, treatment = excluded.treatment;

-- name: set_legal_entity
insert into pricing.legal_entity (code, country, tax_rounding, rounding) values ($1::text, $2::char(2), $3::text, $4::text)
on conflict (code) do update set country = excluded.country, tax_rounding = excluded.tax_rounding, rounding = excluded.rounding;
