-- A parcel that came back, and whose goods were booked in again.
alter table shipping.shipment add column booked_in_at timestamptz;
