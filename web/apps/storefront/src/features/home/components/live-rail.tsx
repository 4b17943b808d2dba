'use client'
import { ApiError, type Home, type Locale } from '@stoa/api-client'
import { useQuery } from '@tanstack/react-query'
import { forgetBuyer, useViewer } from '@/features/buyer/use-viewer'
import { asked, publicViewer, sameViewer, type Viewer } from '@/features/buyer/viewer'
import { ProductRail } from '@/features/catalog/components/product-rail'
import { api } from '@/lib/api'

/** A rail of the home page at the shopper's prices. */
export function LiveRail({
  part,
  cards,
  locale,
  viewer: rendered = publicViewer,
}: {
  part: 'new_arrivals' | 'best_sellers'
  cards: Home['new_arrivals']
  locale: Locale
  /** For whom `cards` are. */
  viewer?: Viewer
}) {
  const viewer = useViewer(rendered)
  const asRendered = sameViewer(viewer, rendered)
  const live = useQuery({
    queryKey: ['home', locale, viewer],
    queryFn: ({ signal }) => homeRails(viewer, locale, signal),
    enabled: !asRendered,
    staleTime: 60_000,
  })
  const own = Boolean(viewer.buyer) && (asRendered || Boolean(live.data))
  return <ProductRail cards={live.data?.[part] ?? cards} own={own} />
}

async function homeRails(
  viewer: Viewer,
  locale: Locale,
  signal: AbortSignal,
): Promise<Pick<Home, 'new_arrivals' | 'best_sellers'>> {
  const query = { locale, ...asked(viewer) }
  if (viewer.buyer) {
    try {
      return await api('GET /account/catalog/home', { query }, { signal })
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error
      forgetBuyer()
    }
  }
  return api('GET /content/home', { query }, { signal })
}
