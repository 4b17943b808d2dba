-- A page is made anew once every read model has the change: until then it would be made of what was true before.
alter table storefront.pending_tag
    add column position bigint not null default 0,        -- of the last event that asked for it; 0: no read model has to follow
    add column first_position bigint not null default 0;  -- of the first since it was sent last

-- How far the read model of each `serve` process is. Who was not seen for a while is gone.
create table storefront.catalogue_reader (
    name text primary key check (length(name) between 1 and 200),
    position bigint not null check (position >= 0),
    seen_at timestamptz not null
);
