-- no transaction
create index concurrently if not exists credit_hold_expires on payments.credit_hold (expires_at);
