-- When a published page is shown; null: always. told_at: up to when readers have been told what opened and closed.
alter table content.page
    add column published_from timestamptz,
    add column published_until timestamptz,
    add column told_at timestamptz,
    add constraint page_window check (published_until is null or published_from is null or published_until > published_from);
create index page_opens on content.page (published_from) where published_from is not null;
create index page_closes on content.page (published_until) where published_until is not null;
drop view content_api.admin_page;
create view content_api.admin_page as
select p.code as id, coalesce(en.title, p.code) as title, p.kind, p.published, p.published_from, p.published_until, p.position, p.updated_at,
    coalesce((select jsonb_object_agg(t.locale, jsonb_build_object('slug', t.slug, 'title', t.title, 'body', t.body, 'seo_title', t.seo_title,
        'seo_description', t.seo_description)) from content.page_text t where t.code = p.code), '{}') as texts
from content.page p left join content.page_text en on en.code = p.code and en.locale = 'en';
