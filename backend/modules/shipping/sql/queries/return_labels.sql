-- name: insert_return_label
insert into shipping.return_label (id, return_id, return_number, order_id, order_number, state, reference, from_address, warehouse_id, weight_grams,
    currency, value, items, created_at, updated_at)
select $1::uuid, $2::uuid, $3::text, $4::uuid, $5::text, 'announcing', $3::text, $6::jsonb,
    (select s.warehouse_id from shipping.shipment s where s.order_id = $4::uuid and s.left_at is not null order by s.left_at desc limit 1),
    $7::bigint, $8::text, $9::bigint, $10::jsonb, $11::timestamptz, $11::timestamptz
on conflict (return_id) do nothing

-- name: lock_return_label
select l.id from shipping.return_label l where l.return_id = $1::uuid for update

-- name: lock_return_label_of_parcel
select l.return_id from shipping.return_label l where l.parcel_id = $1::bigint for update

-- name: return_of_label
select l.return_id from shipping.return_label l where l.id = $1::uuid

-- name: find_return_labels
select l.id, l.return_id, l.return_number, l.order_id, l.order_number, l.state, l.attempt, l.reference, l.called_at,
    l.from_address::text as from_address, l.warehouse_id, l.weight_grams, l.currency, l.value, l.items::text as items,
    l.problems::text as problems, l.option_code, l.provider_id, l.parcel_id, l.carrier, l.tracking_number, l.tracking_url, l.file_key,
    l.status_text, l.status_at, l.announced_at, l.left_at, l.delivered_at, l.created_at, l.updated_at
from shipping.return_label l where l.return_id = any($1::uuid[]) order by l.created_at, l.id

-- name: return_events
select l.return_id, e.at, e.status_id, e.message
from shipping.return_event e join shipping.return_label l on l.id = e.label_id
where l.return_id = any($1::uuid[]) order by l.return_id, e.at, e.status_id

-- name: try_return_label_again
update shipping.return_label
set state = 'announcing', attempt = attempt + 1, reference = $2::text, from_address = $3::jsonb, problems = '[]', called_at = null,
    provider_id = null, parcel_id = null, tracking_number = '', tracking_url = '', file_key = '', status_id = 0, status_text = '', status_at = null,
    announced_at = null, heard_at = null, cancel_sent_at = null, updated_at = $4::timestamptz
where id = $1::uuid

-- name: touch_return_label
update shipping.return_label set updated_at = $2::timestamptz where id = $1::uuid

-- name: begin_return_call
update shipping.return_label set called_at = coalesce(called_at, $3::timestamptz), updated_at = $3::timestamptz
where id = $1::uuid and attempt = $2::int and state = 'announcing'

-- name: begin_return_cancellation
update shipping.return_label set cancel_sent_at = $2::timestamptz where id = $1::uuid and cancel_sent_at is null

-- name: record_return_label
update shipping.return_label
set provider_id = $2::bigint, parcel_id = $3::bigint, option_code = $4::text, carrier = $5::text, tracking_number = $6::text, tracking_url = $7::text,
    announced_at = $8::timestamptz, heard_at = $8::timestamptz, updated_at = $8::timestamptz, problems = '[]'
where id = $1::uuid

-- name: record_return_problems
update shipping.return_label set problems = $2::jsonb, updated_at = $3::timestamptz where id = $1::uuid

-- name: record_return_file
update shipping.return_label set file_key = $2::text, updated_at = $3::timestamptz where id = $1::uuid and file_key = ''

-- name: set_return_label_state
update shipping.return_label
set state = $2::text, updated_at = $3::timestamptz, cancel_sent_at = case when $2::text = 'labelled' then null else cancel_sent_at end,
    left_at = case when $4::boolean then coalesce(left_at, $3::timestamptz) else left_at end,
    delivered_at = case when $2::text = 'delivered' then coalesce(delivered_at, $3::timestamptz) else delivered_at end
where id = $1::uuid

-- name: insert_return_event
insert into shipping.return_event (label_id, at, status_id, message) values ($1::uuid, $2::timestamptz, $3::int, $4::text)
on conflict (label_id, at, status_id) do nothing

-- name: set_return_status
update shipping.return_label
set status_id = $2::int, status_text = $3::text, status_at = $4::timestamptz, heard_at = greatest(heard_at, $4::timestamptz),
    tracking_number = case when $5::text <> '' then $5::text else tracking_number end,
    tracking_url = case when $6::text <> '' then $6::text else tracking_url end
where id = $1::uuid

-- name: silent_returns
select l.return_id
from shipping.return_label l
where l.state in ('labelled', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'exception', 'cancelling') and l.heard_at < $1::timestamptz
    and l.announced_at > $2::timestamptz and l.provider_id is not null and l.parcel_id is not null
order by l.heard_at limit $3::int

-- name: return_heard
update shipping.return_label set heard_at = $2::timestamptz where id = $1::uuid

-- name: returns_by_tracking
select l.return_id from shipping.return_label l where upper(l.tracking_number) = upper($1::text) and l.tracking_number <> '' limit 100
