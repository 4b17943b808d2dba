-- no transaction
create index concurrently if not exists intake_created on customers.intake (created_at);
create index concurrently if not exists intake_email on customers.intake (lower(email));
