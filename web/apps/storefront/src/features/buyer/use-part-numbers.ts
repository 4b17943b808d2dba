'use client'
import { useQuery } from '@tanstack/react-query'
import { api } from '@/lib/api'
import type { Viewer } from './viewer'

const MOST = 100
const none: ReadonlyMap<string, { variant: string; number: string }[]> = new Map()

/** What the viewer's company calls the variants of these products, by product. Nobody else asks. */
export function usePartNumbers(viewer: Viewer, products: readonly string[]) {
  const ids = [...new Set(products)]
  const { data } = useQuery({
    queryKey: ['part-numbers', viewer, ids],
    queryFn: async ({ signal }) => {
      const found = new Map<string, { variant: string; number: string }[]>()
      for (let at = 0; at < ids.length; at += MOST) {
        const { items } = await api(
          'GET /account/catalog/part-numbers',
          { query: { products: ids.slice(at, at + MOST).join(',') } },
          { signal },
        )
        for (const { product_id, variant_id, number } of items)
          found.set(product_id, [...(found.get(product_id) ?? []), { variant: variant_id, number }])
      }
      return found
    },
    enabled: Boolean(viewer.buyer) && ids.length > 0,
    placeholderData: (previous, before) =>
      viewer.buyer && (before?.queryKey[1] as Viewer | undefined)?.buyer === viewer.buyer
        ? previous
        : undefined,
    staleTime: 300_000,
    retry: false,
  })
  return data ?? none
}
