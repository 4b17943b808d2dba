-- no transaction
create index concurrently if not exists return_request_refund on orders.return_request (refund_id);
