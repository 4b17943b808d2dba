create schema content;

create table content.page (
    code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,79}$'),
    kind text not null check (kind in ('page', 'story')),
    published boolean not null default true,
    position integer not null default 0,
    updated_at timestamptz not null default now()
);

create table content.page_text (
    code text not null references content.page (code) on delete cascade,
    locale text not null check (locale in ('en', 'de', 'nl', 'fr')),
    slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,119}$'),
    title text not null check (length(title) between 1 and 200),
    body text not null check (length(body) <= 200000),
    seo_title text not null default '' check (length(seo_title) <= 200),
    seo_description text not null default '' check (length(seo_description) <= 500),
    primary key (code, locale),
    unique (locale, slug)
);

-- FAQ, menus and the home page: one document each per language, of the shape its module describes.
create table content.block (
    kind text not null check (kind in ('faq', 'menu', 'home')),
    code text not null check (length(code) <= 40),
    locale text not null check (locale in ('en', 'de', 'nl', 'fr')),
    data jsonb not null check (jsonb_typeof(data) = 'object'),
    updated_at timestamptz not null default now(),
    primary key (kind, code, locale)
);

-- Grows with every write, so that readers know in one look whether anything changed.
create table content.revision (
    one boolean primary key default true check (one),
    number bigint not null default 0
);
insert into content.revision (number) values (1);
