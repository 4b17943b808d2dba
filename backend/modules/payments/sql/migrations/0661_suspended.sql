-- A gift card whose payment was charged back: nobody pays with it until somebody has decided.
alter table payments.credit add column suspended_at timestamptz;
