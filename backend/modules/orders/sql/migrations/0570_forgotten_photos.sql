-- forgotten: of somebody who has erased their account; the photo goes as soon as its return is settled.
-- dropped: nobody sees or claims it any more; its file goes first, then the row that names it.
alter table orders.return_photo
    add column forgotten boolean not null default false,
    add column dropped boolean not null default false;
create index return_photo_leaving on orders.return_photo (created_at) where forgotten or dropped;
create index return_photo_unclaimed on orders.return_photo (created_at) where return_id is null;
