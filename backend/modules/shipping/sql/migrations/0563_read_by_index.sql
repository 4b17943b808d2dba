-- no transaction
create index concurrently if not exists inbox_processed on shipping.inbox (processed_at);
