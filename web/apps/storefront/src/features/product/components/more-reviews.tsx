'use client'
import type { Locale } from '@stoa/api-client'
import { Button } from '@stoa/ui'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { readCatalogue } from '@/features/buyer/read'
import { useViewer } from '@/features/buyer/use-viewer'
import type { Viewer } from '@/features/buyer/viewer'
import { errorKey } from '@/lib/error-message'
import { ReviewItem } from './review-item'

/** What follows the reviews that came with the page; fetched only when asked for. */
export function MoreReviews({
  productId,
  locale,
  shown,
  viewer: rendered,
}: {
  productId: string
  locale: Locale
  shown: number
  viewer: Viewer
}) {
  const t = useTranslations('product')
  const errors = useTranslations('errors')
  const [asked, setAsked] = useState(false)
  const viewer = useViewer(rendered)
  const query = useInfiniteQuery({
    queryKey: ['reviews', productId, viewer],
    enabled: asked,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      readCatalogue(
        viewer,
        'GET /catalog/products/{id}/reviews',
        {
          path: { id: productId },
          query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) },
        },
        { signal },
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const reviews = (query.data?.pages ?? []).flatMap((page) => page.items).slice(shown)
  return (
    <>
      <ul
        aria-live="polite"
        className="mt-9 grid gap-x-12 gap-y-9 empty:hidden md:grid-cols-2 lg:grid-cols-3"
      >
        {reviews.map((review) => (
          <li key={review.id}>
            <ReviewItem review={review} locale={locale} />
          </li>
        ))}
      </ul>
      {query.isError ? (
        <p role="alert" className="mt-6 text-sm text-destructive">
          {errors(errorKey(query.error))}
        </p>
      ) : null}
      {!asked || query.hasNextPage || query.isError ? (
        <Button
          variant="outline"
          className="mt-9"
          pending={query.isFetching}
          onClick={() => {
            if (!asked) setAsked(true)
            else if (query.isError) void query.refetch()
            else void query.fetchNextPage()
          }}
        >
          {t('moreReviews')}
        </Button>
      ) : null}
    </>
  )
}
