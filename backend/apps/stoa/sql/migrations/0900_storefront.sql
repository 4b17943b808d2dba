-- Cache tags of the storefront that must be refreshed: an outbox, one row per tag, so that a thousand changes of one product are one call.
create schema storefront;
create table storefront.pending_tag (
    tag text primary key check (length(tag) between 1 and 200),
    mode text not null check (mode in ('text', 'price')),
    due_at timestamptz not null
);
create index pending_tag_due on storefront.pending_tag (due_at);
