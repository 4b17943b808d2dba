-- A call that may have moved money leaves its trace before it is made, so that nobody pays or captures twice when its answer is lost.
alter table payments.attempt
    add column second_call_at timestamptz,        -- the second step of a verified payment went out and has no answer yet
    add column capture_sent_at timestamptz,
    add column capture_request_id text not null default '',
    add column capture_transaction_id bigint;

-- Debits that are not money yet and reservations that wait for their capture.
create index attempt_unsettled on payments.attempt (created_at) where state in ('tentative', 'preauthorised');

-- One transaction of the provider is one refund of ours.
create unique index refund_transaction on payments.refund (transaction_id) where transaction_id is not null;
