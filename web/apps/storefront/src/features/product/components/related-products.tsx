'use client'
import type { Locale } from '@stoa/api-client'
import { useTranslations } from 'next-intl'
import { ProductRail } from '@/features/catalog/components/product-rail'
import type { CachedProduct } from '../api/get-product'
import { useLiveProduct } from '../api/product-query'

export function RelatedProducts({ cached, locale }: { cached: CachedProduct; locale: Locale }) {
  const t = useTranslations('product')
  const { product, own } = useLiveProduct(cached, locale)
  const rails = [
    { title: t('boughtTogether'), cards: product.bought_together },
    { title: t('related'), cards: product.related },
  ].filter((rail) => rail.cards.length > 0)
  return rails.map((rail) => (
    <section key={rail.title} aria-label={rail.title}>
      <h2 className="headline mb-7 text-2xl lg:text-3xl">{rail.title}</h2>
      <ProductRail cards={rail.cards} own={own} />
    </section>
  ))
}
