-- Until when a hosted page takes a payment: as long as the goods are held. Null: as long as we wait for it anyway.
alter table payments.attempt add column expires_at timestamptz;
