-- Since when the goods are held without a break: a hold is not renewed for ever.
alter table checkout.checkout add column held_since timestamptz;
