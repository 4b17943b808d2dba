-- name: revision
select coalesce(max(number), 0) as number from content.revision

-- name: bump_revision
insert into content.revision (number) values (1) on conflict (one) do update set number = content.revision.number + 1

-- name: all_pages
select code, kind, position, updated_at from content.page
where published and (published_from is null or published_from <= now()) and (published_until is null or published_until > now())
order by position, code

-- name: tell_page_windows
-- What opened or closed since readers were told.
update content.page p set told_at = now()
where published and ((published_from <= now() and (told_at is null or told_at < published_from))
    or (published_until <= now() and (told_at is null or told_at < published_until)))
returning coalesce((select t.slug from content.page_text t where t.code = p.code and t.locale = 'en'), p.code) as slug

-- name: all_page_texts
select code, locale, slug, title, body, seo_title, seo_description from content.page_text

-- name: all_redirects
select r.locale, r.slug, r.code from content.redirect r

-- name: keep_page_slugs
-- What a page is called no longer leads to it.
insert into content.redirect (locale, slug, code)
select t.locale, t.slug, t.code from content.page_text t
where t.code = $1::text
  and not exists (select 1 from unnest($2::text[], $3::text[]) as w (locale, slug) where w.locale = t.locale and w.slug = t.slug)
on conflict (locale, slug) do update set code = excluded.code
returning slug

-- name: drop_taken_redirects
delete from content.redirect r using unnest($1::text[], $2::text[]) as w (locale, slug) where w.locale = r.locale and w.slug = r.slug

-- name: put_redirect
insert into content.redirect (locale, slug, code)
select $1::text, $2::text, p.code from content.page p
where p.code = $3::text and not exists (select 1 from content.page_text t where t.locale = $1::text and t.slug = $2::text)
on conflict (locale, slug) do update set code = excluded.code

-- name: page_exists
select p.code from content.page p where p.code = $1::text

-- name: remove_redirect
delete from content.redirect where locale = $1::text and slug = $2::text

-- name: all_blocks
select kind, code, locale, data::text as data from content.block

-- name: upsert_page
insert into content.page (code, kind, published, position, published_from, published_until, told_at)
values ($1::text, $2::text, $3::boolean, $4::integer, $5::timestamptz, $6::timestamptz, now())
on conflict (code) do update set kind = excluded.kind, published = excluded.published, position = excluded.position,
    published_from = excluded.published_from, published_until = excluded.published_until, told_at = now(), updated_at = now()

-- name: page_slugs_elsewhere
-- In a language that a page does not have its English address is valid: it may be nobody else's there. `locale` is the one of the given text.
select w.locale, w.slug
from unnest($2::text[], $3::text[]) as w (locale, slug)
join content.page_text t on t.slug = w.slug and t.code <> $1::text
where t.locale = w.locale
   or (t.locale = 'en' and not exists (select 1 from content.page_text own where own.code = t.code and own.locale = w.locale))
   or (w.locale = 'en' and not (t.locale = any($2::text[])))

-- name: remove_page_texts
delete from content.page_text where code = $1::text

-- name: add_page_texts
insert into content.page_text (code, locale, slug, title, body, seo_title, seo_description)
select $1::text, locale, slug, title, body, seo_title, seo_description
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as t (locale, slug, title, body, seo_title, seo_description)

-- name: remove_page
delete from content.page where code = $1::text

-- name: put_block
insert into content.block (kind, code, locale, data) values ($1::text, $2::text, $3::text, $4::jsonb)
on conflict (kind, code, locale) do update set data = excluded.data, updated_at = now()
