-- no transaction
create index concurrently if not exists customer_email_parts on customers.customer using gin (email_key gin_trgm_ops);
create index concurrently if not exists customer_name_parts on customers.customer using gin ((first_name || ' ' || last_name) gin_trgm_ops);
create index concurrently if not exists customer_created on customers.customer (created_at, id);
