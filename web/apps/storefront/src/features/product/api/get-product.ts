import 'server-only'
import { isNotFound, type Locale, type ProductPage } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { isSlug, publicBuyer, tags } from '@/config/cache'
import { publicViewer, type Viewer } from '@/features/buyer/viewer'
import { slimCards } from '@/features/catalog/slim'
import { serverApi } from '@/lib/api-server'

/** `at` tells the browser how old the cached answer is, and so whether stock and delivery are worth asking again. */
export type CachedProduct = { product: ProductPage; at: number; viewer: Viewer }

export async function getProduct(slug: string, locale: Locale): Promise<CachedProduct | null> {
  'use cache'
  if (isSlug(slug)) {
    try {
      const product = await serverApi()('GET /catalog/products/{slug}', {
        path: { slug },
        query: publicBuyer(locale),
      })
      cacheLife('catalogue')
      cacheTag(tags.product(product.id))
      return {
        product: {
          ...product,
          related: slimCards(product.related, 0),
          bought_together: slimCards(product.bought_together, 0),
        },
        at: Date.now(),
        viewer: publicViewer,
      }
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  cacheLife('missing')
  cacheTag(tags.listing)
  return null
}
