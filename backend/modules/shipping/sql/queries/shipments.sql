-- name: insert_shipment
insert into shipping.shipment (id, order_id, order_number, number, warehouse_id, from_country, state, option_code, service_point_id, to_address,
    currency, value, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::text,
    (select coalesce(max(s.number), 0)::int + 1 from shipping.shipment s where s.order_id = $2::uuid),
    $4::uuid, $5::text, 'planned', $6::text, $7::text, $8::jsonb, $9::text, $10::bigint, $11::timestamptz, $11::timestamptz)

-- name: insert_parcels
insert into shipping.parcel (id, shipment_id, position, weight_grams, state)
select d.id, $1::uuid, d.position, d.weight_grams, 'planned'
from unnest($2::uuid[], $3::int[], $4::bigint[]) as d (id, position, weight_grams)

-- name: insert_lines
insert into shipping.shipment_line (shipment_id, parcel, order_line_id, variant_id, sku, name, quantity, weight_grams, unit_value)
select $1::uuid, d.parcel, d.order_line_id, d.variant_id, d.sku, d.name, d.quantity, d.weight_grams, d.unit_value
from unnest($2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[])
    as d (parcel, order_line_id, variant_id, sku, name, quantity, weight_grams, unit_value)

-- name: drop_parcels
delete from shipping.parcel where shipment_id = $1::uuid

-- name: drop_lines
delete from shipping.shipment_line where shipment_id = $1::uuid

-- name: set_value
update shipping.shipment set value = $2::bigint, updated_at = $3::timestamptz where id = $1::uuid

-- name: order_of_shipment
select s.order_id from shipping.shipment s where s.id = $1::uuid

-- name: lock_shipment
select s.id from shipping.shipment s where s.id = $1::uuid for update

-- name: find_shipments
select s.id, s.order_id, s.order_number, s.number, s.warehouse_id, s.from_country, s.state, s.attempt, s.reference, s.option_code,
    s.service_point_id, s.to_address::text as to_address, s.currency, s.value, s.problems::text as problems, s.provider_id, s.carrier,
    s.announced_at, s.left_at, s.delivered_at, s.booked_in_at, s.heard_at, s.created_at, s.updated_at
from shipping.shipment s where s.id = any($1::uuid[]) order by s.order_id, s.number

-- name: find_parcels
select p.id, p.shipment_id, p.position, p.weight_grams, p.provider_id, p.tracking_number, p.tracking_url, p.state, p.status_id, p.status_text,
    p.status_at
from shipping.parcel p where p.shipment_id = any($1::uuid[]) order by p.shipment_id, p.position

-- name: find_lines
select l.shipment_id, l.parcel, l.order_line_id, l.variant_id, l.sku, l.name, l.quantity, l.weight_grams, l.unit_value
from shipping.shipment_line l where l.shipment_id = any($1::uuid[]) order by l.shipment_id, l.parcel, l.sku, l.order_line_id

-- name: shipments_of_orders
select s.id, s.order_id, s.order_number, s.number, s.warehouse_id, s.from_country, s.state, s.attempt, s.reference, s.option_code,
    s.service_point_id, s.to_address::text as to_address, s.currency, s.value, s.problems::text as problems, s.provider_id, s.carrier,
    s.announced_at, s.left_at, s.delivered_at, s.booked_in_at, s.heard_at, s.created_at, s.updated_at
from shipping.shipment s where s.order_id = any($1::uuid[]) order by s.order_id, s.number

-- name: parcels_of_orders
select p.id, p.shipment_id, p.position, p.weight_grams, p.provider_id, p.tracking_number, p.tracking_url, p.state, p.status_id, p.status_text,
    p.status_at
from shipping.parcel p join shipping.shipment s on s.id = p.shipment_id
where s.order_id = any($1::uuid[]) order by p.shipment_id, p.position

-- name: lines_of_orders
select l.shipment_id, l.parcel, l.order_line_id, l.variant_id, l.sku, l.name, l.quantity, l.weight_grams, l.unit_value
from shipping.shipment_line l join shipping.shipment s on s.id = l.shipment_id
where s.order_id = any($1::uuid[]) order by l.shipment_id, l.parcel, l.sku, l.order_line_id

-- name: events_of_order
select p.shipment_id, p.position, e.at, e.status_id, e.message
from shipping.tracking_event e
join shipping.parcel p on p.id = e.parcel_id
join shipping.shipment s on s.id = p.shipment_id
where s.order_id = $1::uuid order by p.shipment_id, p.position, e.at, e.status_id

-- name: begin_attempt
update shipping.shipment
set state = 'announcing', attempt = attempt + 1, reference = $2::text, problems = '[]', provider_id = null, updated_at = $3::timestamptz
where id = $1::uuid

-- name: set_state
update shipping.shipment
set state = $2::text, updated_at = $3::timestamptz,
    left_at = case when $4::boolean then coalesce(left_at, $3::timestamptz) else left_at end,
    delivered_at = case when $2::text = 'delivered' then coalesce(delivered_at, $3::timestamptz) else delivered_at end
where id = $1::uuid

-- name: record_announced
update shipping.shipment
set provider_id = $2::text, carrier = $3::text, option_code = $4::text, announced_at = $5::timestamptz, heard_at = $5::timestamptz,
    problems = '[]'
where id = $1::uuid

-- name: record_failed
update shipping.shipment set provider_id = $2::text, problems = $3::jsonb, updated_at = $4::timestamptz where id = $1::uuid

-- name: record_parcel
update shipping.parcel
set provider_id = $3::bigint, tracking_number = $4::text, tracking_url = $5::text, state = $6::text, status_id = 0, status_text = '',
    status_at = null
where shipment_id = $1::uuid and position = $2::int

-- name: forget_parcels
update shipping.parcel
set provider_id = null, tracking_number = '', tracking_url = '', state = 'planned', status_id = 0, status_text = '', status_at = null
where shipment_id = $1::uuid

-- name: return_parcels
update shipping.parcel set state = 'returned' where shipment_id = $1::uuid and state not in ('delivered', 'cancelled')

-- name: book_in
update shipping.shipment set booked_in_at = $2::timestamptz, updated_at = $2::timestamptz where id = $1::uuid

-- name: orders_in_trouble
select distinct s.order_id from shipping.shipment s
where s.state in ('exception', 'returned') and s.booked_in_at is null
order by s.order_id desc limit $1::int

-- name: track_by_hand
update shipping.parcel p set tracking_number = n.tracking_number, tracking_url = $4::text
from unnest($2::int[], $3::text[]) as n (position, tracking_number)
where p.shipment_id = $1::uuid and p.position = n.position and n.tracking_number <> ''

-- name: carried_by_hand
update shipping.shipment set carrier = $2::text, problems = '[]' where id = $1::uuid

-- name: set_parcel_states
update shipping.parcel set state = $2::text where shipment_id = $1::uuid and state not in ('delivered', 'returned', 'cancelled')

-- name: parcel_by_provider
select p.id, p.shipment_id, p.position, s.order_id
from shipping.parcel p join shipping.shipment s on s.id = p.shipment_id where p.provider_id = $1::bigint

-- name: insert_tracking_event
insert into shipping.tracking_event (parcel_id, at, status_id, message) values ($1::uuid, $2::timestamptz, $3::int, $4::text)
on conflict (parcel_id, at, status_id) do nothing

-- name: set_parcel_status
update shipping.parcel set state = $2::text, status_id = $3::int, status_text = $4::text, status_at = $5::timestamptz where id = $1::uuid

-- name: heard
update shipping.shipment set heard_at = $2::timestamptz where id = any($1::uuid[])

-- name: correct_shipment
update shipping.shipment
set to_address = $2::jsonb, option_code = $3::text, service_point_id = $4::text, updated_at = $5::timestamptz
where id = $1::uuid

-- name: insert_inbox
insert into shipping.inbox (unique_key, action, body, received_at) values ($1::text, $2::text, $3::text, $4::timestamptz)
on conflict (unique_key) do nothing
returning id

-- name: find_inbox
select i.id, i.body, i.received_at, i.processed_at from shipping.inbox i where i.id = $1::bigint

-- name: inbox_processed
update shipping.inbox set processed_at = $2::timestamptz, outcome = $3::text where id = $1::bigint

-- name: purge_inbox
delete from shipping.inbox where processed_at < $1::timestamptz

-- name: silent_shipments
select s.id, s.provider_id
from shipping.shipment s
where s.state in ('labelled', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'exception', 'cancelling') and s.heard_at < $1::timestamptz
    and s.provider_id is not null
order by s.heard_at limit $2::int

-- name: find_customs
select c.variant_id, c.hs_code, c.origin_country from shipping.customs c where c.variant_id = any($1::uuid[])

-- name: find_sender
select s.sender_address_id from shipping.sender s where s.warehouse_id = $1::uuid

-- name: keep_sender
insert into shipping.sender (warehouse_id, sender_address_id) values ($1::uuid, $2::bigint) on conflict (warehouse_id) do nothing

-- name: orders_by_tracking
select distinct s.order_id from shipping.parcel p join shipping.shipment s on s.id = p.shipment_id
where upper(p.tracking_number) = upper($1::text) and p.tracking_number <> '' limit 100
