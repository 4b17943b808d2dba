-- Addresses that pages had, or that staff give them beside their own. An address that a page has leads nowhere else.
create table content.redirect (
    locale text not null check (locale in ('en', 'de', 'nl', 'fr')),
    slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,119}$'),
    code text not null references content.page (code) on delete cascade,
    created_at timestamptz not null default now(),
    primary key (locale, slug)
);
create index redirect_code on content.redirect (code);
create view content_api.admin_redirect as
select r.locale || '.' || r.slug as id, r.locale, r.slug, r.code, r.created_at from content.redirect r;
