-- no transaction
create index concurrently if not exists inbox_received on payments.inbox (received_at);
