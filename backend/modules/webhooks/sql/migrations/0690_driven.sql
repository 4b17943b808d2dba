-- While an endpoint fails, one job drives it: whose turn it is, and until when it counts as alive. A parked delivery has no job of its own.
alter table webhooks.endpoint add column driver uuid, add column driven_until timestamptz;
alter table webhooks.delivery add column parked boolean not null default false;
