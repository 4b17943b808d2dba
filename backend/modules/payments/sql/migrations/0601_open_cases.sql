-- no transaction
-- Whether a payment has an open case.
create index concurrently if not exists discrepancy_open on payments.discrepancy ((detail ->> 'reference')) where resolved_at is null;
-- Gift cards of an address: looked for at the desk, and when its owner asks to be forgotten.
create index concurrently if not exists credit_email on payments.credit (lower(email)) where email <> '';
