-- Of a return that is opened again after a refund of some of its units: which are not refunded twice.
alter table orders.return_line add column refunded bigint not null default 0 check (refunded >= 0 and refunded <= received);
update orders.return_line l set refunded = least(l.received - l.exchanged, f.quantity)
from orders.return_request r, orders.refund_line f
where r.id = l.return_id and r.state = 'refunded' and f.refund_id = r.refund_id and f.line_id = l.line_id;
