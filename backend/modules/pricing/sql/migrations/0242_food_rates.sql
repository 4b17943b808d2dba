-- Food where a country reduces staples only (Croatia, Hungary, Latvia): 'food' is their rate, for a merchant of other food puts the
-- product into 'standard'. Bulgaria, Denmark, Estonia and Lithuania have no reduced rate for food: their rows stay away, and
-- food is taxed as 'standard'. Cyprus taxed food at zero until the end of its transitional arrangement.
insert into pricing.tax_rate (country, tax_class, valid_from, basis_points, treatment) values
    ('CY', 'food', '2009-01-01', 0, 'zero'),
    ('CY', 'food', '2011-01-10', 500, 'reduced'),
    ('HR', 'food', '2009-01-01', 2200, 'standard'),
    ('HR', 'food', '2009-08-01', 2300, 'standard'),
    ('HR', 'food', '2012-03-01', 2500, 'standard'),
    ('HR', 'food', '2019-01-01', 1300, 'reduced'),
    ('HR', 'food', '2022-04-01', 500, 'reduced'),
    ('HU', 'food', '2009-01-01', 2000, 'standard'),
    ('HU', 'food', '2009-07-01', 1800, 'reduced'),
    ('HU', 'reduced', '2009-01-01', 2000, 'standard'),
    ('LV', 'food', '2009-01-01', 2100, 'standard'),
    ('LV', 'food', '2011-01-01', 2200, 'standard'),
    ('LV', 'food', '2012-07-01', 2100, 'standard'),
    ('LV', 'food', '2026-07-01', 1200, 'reduced'),
    ('LV', 'food', '2027-07-01', 2100, 'standard')
on conflict (country, tax_class, valid_from) do update set basis_points = excluded.basis_points, treatment = excluded.treatment;
