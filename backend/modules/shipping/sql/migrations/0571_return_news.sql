-- When the platform last said something about a return, or was asked about it: whoever is silent for long is asked about.
alter table shipping.return_label add column heard_at timestamptz;
update shipping.return_label set heard_at = greatest(announced_at, status_at) where announced_at is not null;
create index return_label_silent on shipping.return_label (heard_at)
    where state in ('labelled', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'exception', 'cancelling');
