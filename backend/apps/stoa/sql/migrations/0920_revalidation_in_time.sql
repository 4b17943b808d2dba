-- A tag that is changed again and again is refreshed all the same.
alter table storefront.pending_tag
    add column first_due_at timestamptz not null default now(),
    add column version bigint not null default 1;
create index pending_tag_first_due on storefront.pending_tag (first_due_at);
