'use client'
import type { Locale, ProductPage } from '@stoa/api-client'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { isPublicBuyer, type Preferences, usePreferences } from '@/features/preferences/preferences'
import { api } from '@/lib/api'
import { useHydrated } from '@/lib/use-hydrated'

export const productQuery = (
  product: Pick<ProductPage, 'id' | 'slug'>,
  locale: Locale,
  preferences: Preferences,
) =>
  queryOptions({
    queryKey: ['product', product.id, locale, preferences],
    queryFn: ({ signal }) =>
      api(
        'GET /catalog/products/{slug}',
        { path: { slug: product.slug }, query: { locale, ...preferences } },
        { signal },
      ),
    staleTime: 60_000,
  })

/** `failed`: these prices are the ones the page was rendered with, because there are no others. */
export type LiveProduct = { product: ProductPage; failed: boolean }

/**
 * The product as it is now: what the page was rendered with at once, the API's word when that is older than a minute
 * or was rendered for another buyer.
 */
export function useLiveProduct(rendered: ProductPage, at: number, locale: Locale): LiveProduct {
  const preferences = usePreferences()
  // The clock decides what is old, and a cached page may not read the clock: ask only in the browser.
  const hydrated = useHydrated()
  const live = useQuery({
    ...productQuery(rendered, locale, preferences),
    enabled: hydrated,
    ...(hydrated && isPublicBuyer(preferences) ? { initialData: rendered, initialDataUpdatedAt: at } : {}),
  })
  return { product: live.data ?? rendered, failed: live.isError && !live.data }
}
