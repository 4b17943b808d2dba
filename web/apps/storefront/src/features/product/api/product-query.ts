'use client'
import type { Locale, ProductPage } from '@stoa/api-client'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { readCatalogue } from '@/features/buyer/read'
import { useViewer } from '@/features/buyer/use-viewer'
import { asked, sameViewer, type Viewer } from '@/features/buyer/viewer'
import { useHydrated } from '@/lib/use-hydrated'

export const productQuery = (product: Pick<ProductPage, 'id' | 'slug'>, locale: Locale, viewer: Viewer) =>
  queryOptions({
    queryKey: ['product', product.id, locale, viewer],
    queryFn: ({ signal }) =>
      readCatalogue(
        viewer,
        'GET /catalog/products/{slug}',
        { path: { slug: product.slug }, query: { locale, ...asked(viewer) } },
        { signal },
      ),
    staleTime: 60_000,
  })

/** What the server rendered, when, and for whom. */
export type RenderedProduct = { product: ProductPage; at: number; viewer: Viewer }

/**
 * `failed`: these prices are the ones the page was rendered with, because there are no others. `own`: they are the
 * viewer's alone.
 */
export type LiveProduct = { product: ProductPage; failed: boolean; own: boolean; viewer: Viewer }

/**
 * The product as it is now: what the page was rendered with at once, the API's word when that is older than a minute
 * or was rendered for another buyer.
 */
export function useLiveProduct(
  { product: rendered, at, viewer: of }: RenderedProduct,
  locale: Locale,
): LiveProduct {
  const viewer = useViewer(of)
  // The clock decides what is old, and a cached page may not read the clock: ask only in the browser.
  const hydrated = useHydrated()
  const live = useQuery({
    ...productQuery(rendered, locale, viewer),
    enabled: hydrated,
    ...(hydrated && sameViewer(viewer, of) ? { initialData: rendered, initialDataUpdatedAt: at } : {}),
  })
  const own = Boolean(viewer.buyer) && (Boolean(live.data) || sameViewer(viewer, of))
  return { product: live.data ?? rendered, failed: live.isError && !live.data, own, viewer }
}
