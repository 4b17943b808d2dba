'use client'
import type { Home, Locale } from '@stoa/api-client'
import { useQuery } from '@tanstack/react-query'
import { ProductRail } from '@/features/catalog/components/product-rail'
import { isPublicBuyer, usePreferences } from '@/features/preferences/preferences'
import { api } from '@/lib/api'

/** A rail of the home page at the shopper's prices. */
export function LiveRail({
  part,
  cards,
  locale,
}: {
  part: 'new_arrivals' | 'best_sellers'
  cards: Home['new_arrivals']
  locale: Locale
}) {
  const preferences = usePreferences()
  const live = useQuery({
    queryKey: ['home', locale, preferences],
    queryFn: ({ signal }) => api('GET /content/home', { query: { locale, ...preferences } }, { signal }),
    enabled: !isPublicBuyer(preferences),
    staleTime: 60_000,
  })
  return <ProductRail cards={live.data?.[part] ?? cards} />
}
