-- Room for a changed price on its own page: no index needs to know of it then. Rows that are there already get it as their pages are rewritten.
alter table pricing.price set (fillfactor = 75);
