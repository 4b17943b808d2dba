import 'server-only'
import { type Category, type CategoryNode, type Collection, isNotFound, type Locale } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { isSlug, publicBuyer, tags } from '@/config/cache'
import { serverApi } from '@/lib/api-server'

export async function getCategory(slug: string, locale: Locale): Promise<Category | null> {
  'use cache'
  if (isSlug(slug)) {
    try {
      const category = await serverApi()('GET /catalog/categories/{slug}', {
        path: { slug },
        query: publicBuyer(locale),
      })
      cacheLife('catalogue')
      cacheTag(tags.category(category.id))
      return category
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  cacheLife('missing')
  cacheTag(tags.listing)
  return null
}

export async function getCollection(slug: string, locale: Locale): Promise<Collection | null> {
  'use cache'
  if (isSlug(slug)) {
    try {
      const collection = await serverApi()('GET /catalog/collections/{slug}', {
        path: { slug },
        query: publicBuyer(locale),
      })
      cacheLife('catalogue')
      cacheTag(tags.listing)
      return collection
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  cacheLife('missing')
  cacheTag(tags.listing)
  return null
}

export async function getCategories(locale: Locale): Promise<CategoryNode[]> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.listing)
  return (await serverApi()('GET /catalog/categories', { query: publicBuyer(locale) })).items
}
