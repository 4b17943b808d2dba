-- The platform refuses a second call of a return's cancellation as it refuses a late one. Who has called before does not believe it.
alter table shipping.return_label add column cancel_sent_at timestamptz;
