'use client'
import type { Locale } from '@stoa/api-client'
import { useQueries } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useEffect, useRef, useState } from 'react'
import { useViewer } from '@/features/buyer/use-viewer'
import type { Viewer } from '@/features/buyer/viewer'
import { ProductRail } from '@/features/catalog/components/product-rail'
import { productQuery } from '../api/product-query'
import { cardOf, noteViewed, type Viewed } from '../recently-viewed'

const SHOWN = 4

/**
 * What this browser looked at before, at today's prices. It is known to the browser alone, and asked for only when the
 * end of the page comes near. A product that is gone by now is left out.
 */
export function RecentlyViewed({
  product,
  locale,
  viewer: rendered,
}: {
  product: Viewed
  locale: Locale
  viewer: Viewer
}) {
  const t = useTranslations('product')
  const viewer = useViewer(rendered)
  const [viewed, setViewed] = useState<Viewed[]>([])
  const [near, setNear] = useState(false)
  const end = useRef<HTMLDivElement>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a product is looked at once, however often it is rendered
  useEffect(() => setViewed(noteViewed(product).slice(0, SHOWN)), [product.id])
  useEffect(() => {
    const element = end.current
    if (!element) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setNear(true), {
      rootMargin: '800px 0px',
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const answers = useQueries({
    queries: viewed.map(({ id, slugs }) => ({
      ...productQuery({ id, slug: slugs[locale] ?? Object.values(slugs)[0] ?? '' }, locale, viewer),
      enabled: near,
      retry: false,
    })),
  })
  const cards = answers.flatMap(({ data }) => (data ? (cardOf(data) ?? []) : []))
  return (
    <div ref={end}>
      {cards.length > 0 ? (
        <section aria-labelledby="viewed">
          <h2 id="viewed" className="headline mb-7 text-2xl lg:text-3xl">
            {t('recentlyViewed')}
          </h2>
          <ProductRail cards={cards} own={Boolean(viewer.buyer)} />
        </section>
      ) : null}
    </div>
  )
}
