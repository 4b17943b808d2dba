-- no transaction
create index concurrently if not exists delivery_parked on webhooks.delivery (endpoint_id, position) where parked
