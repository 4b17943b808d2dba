import 'server-only'
import { type ContentPage, type ContentPageList, type Faq, isNotFound, type Locale } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { isSlug, publicBuyer, tags } from '@/config/cache'
import { serverApi } from '@/lib/api-server'

export async function getContentPage(slug: string, locale: Locale): Promise<ContentPage | null> {
  'use cache'
  cacheTag(tags.content(slug.slice(0, 100)))
  if (isSlug(slug)) {
    try {
      const page = await serverApi()('GET /content/pages/{slug}', {
        path: { slug },
        query: publicBuyer(locale),
      })
      cacheLife('catalogue')
      // A change names one of its slugs, whichever language this page is in.
      cacheTag(...[page.slug, ...Object.values(page.alternates)].map(tags.content))
      return page
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  cacheLife('missing')
  return null
}

export async function getContentList(locale: Locale): Promise<ContentPageList['items']> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.menus)
  return (await serverApi()('GET /content/pages', { query: publicBuyer(locale) })).items
}

export async function getFaq(locale: Locale): Promise<Faq> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.content('faq'))
  return serverApi()('GET /content/faq', { query: publicBuyer(locale) })
}
