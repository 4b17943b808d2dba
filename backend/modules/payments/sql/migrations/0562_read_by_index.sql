-- no transaction
create index concurrently if not exists attempt_booked on payments.attempt ((coalesce(capture_sent_at, created_at))) where method <> 'invoice';
