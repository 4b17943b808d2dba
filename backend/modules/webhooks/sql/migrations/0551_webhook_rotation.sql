-- The secret before the last change signs besides the new one until then (Standard Webhooks, "key rotation").
alter table webhooks.endpoint add column previous_secret text, add column previous_until timestamptz;
