-- name: import_category
select id from catalog.category where handle = $1::text;

-- name: import_lock
-- The lock that the back office takes for the row it edits.
select pg_advisory_xact_lock(hashtextextended($1::text, 7250002))::text as locked;

-- name: import_collections
select id, handle, rule is not null as by_rule from catalog.collection where handle = any($1::text[]);

-- name: import_collections_of
select c.id, c.handle from catalog.collection_product p join catalog.collection c on c.id = p.collection_id
where p.product_id = $1::uuid and c.rule is null order by c.position, c.handle;

-- name: import_collection_count
select count(*) as count from catalog.collection;
