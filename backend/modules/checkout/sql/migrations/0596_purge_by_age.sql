-- no transaction
create index concurrently if not exists checkout_created on checkout.checkout (created_at);
