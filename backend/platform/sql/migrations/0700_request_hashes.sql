-- Plain hashes of requests gave their bodies away to whoever tried enough of them; those that are left match no request any more.
update http.idempotency set request_hash = repeat('0', 64);
