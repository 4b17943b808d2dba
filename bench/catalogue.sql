-- What tools/bench/catalogue adds to `stoa seed scale:N`: three price lists for groups of customers, so that there are five in all. A
-- third of the articles are cheaper for the trade, and by the dozen; a fifth for key accounts; a third of the pounds for the trade.
begin;
insert into customers.customer_group (code, name) values ('trade', 'Trade'), ('key', 'Key accounts');
insert into pricing.price_list (id, code, name, currency, tax_included, customer_group)
select gen_random_uuid(), made.code, made.code, made.currency, false, made.customer_group
  from (values ('eur-trade', 'EUR', 'trade'), ('eur-key', 'EUR', 'key'), ('gbp-trade', 'GBP', 'trade')) as made (code, currency, customer_group);
insert into pricing.price (id, list_id, variant_id, tier_quantities, tier_amounts, recorded_at)
select gen_random_uuid(), own.id, retail.variant_id, '{1,12}', array[retail.tier_amounts[1] * 7 / 10, retail.tier_amounts[1] * 6 / 10], now()
  from pricing.price retail
  join pricing.price_list public on public.id = retail.list_id
  join pricing.price_list own on own.code in ('eur-trade', 'eur-key', 'gbp-trade') and own.currency = public.currency
 where public.customer_group is null and retail.valid_from is null
   and hashtext(retail.variant_id::text) % case own.customer_group when 'trade' then 3 else 5 end = 0;
commit;
