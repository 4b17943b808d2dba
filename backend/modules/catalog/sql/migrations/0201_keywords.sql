-- Words that find a product and are not shown.
alter table catalog.product_text add column keywords text not null default '' check (length(keywords) <= 1000);
