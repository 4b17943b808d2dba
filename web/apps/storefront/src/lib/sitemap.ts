import 'server-only'
import type { Locale, SitemapItem } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { tags } from '@/config/cache'
import { paths } from '@/config/paths'
import { defaultLocale, locales } from '@/i18n/locales'
import { serverApi } from './api-server'
import { absolute } from './metadata'

/** Products per file. Each stands there once per language, and 50,000 is the most a file may hold. */
const PAGE = 1000
const MOST_PAGES = 500

/** Cursors of all pages; the first has none. */
export async function sitemapCursors(): Promise<(string | undefined)[]> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.listing)
  const cursors: (string | undefined)[] = [undefined]
  while (cursors.length < MOST_PAGES) {
    const cursor = cursors.at(-1)
    const page = await serverApi()('GET /catalog/sitemap', {
      query: { limit: PAGE, ...(cursor ? { cursor } : {}) },
    })
    if (!page.next_cursor) break
    cursors.push(page.next_cursor)
  }
  return cursors
}

export async function sitemapPage(cursor: string | undefined): Promise<SitemapItem[]> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.listing)
  return (
    await serverApi()('GET /catalog/sitemap', { query: { limit: PAGE, ...(cursor ? { cursor } : {}) } })
  ).items
}

export const escapeXml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

const PATH: Record<SitemapItem['kind'], (locale: Locale, slug: string) => string> = {
  product: paths.product,
  category: paths.category,
  collection: paths.collection,
  page: paths.page,
}

/**
 * One entry per language in which the thing exists, each naming all the others. `stories` are the pages that have an
 * address among the stories, as "locale/slug".
 */
export function sitemapEntries(item: SitemapItem, stories: ReadonlySet<string>): string {
  const known = locales.flatMap((locale) => {
    const slug = item.slugs[locale]
    if (!slug) return []
    const isStory = item.kind === 'page' && stories.has(`${locale}/${slug}`)
    return [{ locale, url: absolute((isStory ? paths.story : PATH[item.kind])(locale, slug)) }]
  })
  const links = known
    .map(({ locale, url }) => `<xhtml:link rel="alternate" hreflang="${locale}" href="${escapeXml(url)}"/>`)
    .join('')
  const fallback = known.find(({ locale }) => locale === defaultLocale)
  const xDefault = fallback
    ? `<xhtml:link rel="alternate" hreflang="x-default" href="${escapeXml(fallback.url)}"/>`
    : ''
  const image = item.image
    ? `<image:image><image:loc>${escapeXml(absolute(item.image.replace('{w}', '1080')))}</image:loc></image:image>`
    : ''
  return known
    .map(
      ({ url }) =>
        `<url><loc>${escapeXml(url)}</loc><lastmod>${escapeXml(item.updated_at)}</lastmod>${links}${xDefault}${image}</url>`,
    )
    .join('\n')
}

export const xml = (body: string): Response =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`, {
    headers: { 'content-type': 'application/xml; charset=utf-8', 'cache-control': 'public, max-age=300' },
  })
