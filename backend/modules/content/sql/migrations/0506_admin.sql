-- What the back office lists.
create schema content_api;
create view content_api.admin_page as
select p.code as id, coalesce(en.title, p.code) as title, p.kind, p.published, p.position, p.updated_at,
    coalesce((select jsonb_object_agg(t.locale, jsonb_build_object('slug', t.slug, 'title', t.title, 'body', t.body, 'seo_title', t.seo_title,
        'seo_description', t.seo_description)) from content.page_text t where t.code = p.code), '{}') as texts
from content.page p left join content.page_text en on en.code = p.code and en.locale = 'en';
