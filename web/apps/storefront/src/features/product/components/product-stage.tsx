'use client'
import type { Locale } from '@stoa/api-client'
import { Picture } from '@stoa/ui'
import type { ReactNode } from 'react'
import { usePartNumbers } from '@/features/buyer/use-part-numbers'
import { AddToCart } from '@/features/cart/components/add-to-cart'
import { useBeyond } from '@/lib/use-beyond'
import { useSearch } from '@/lib/use-search'
import { type RenderedProduct, useLiveProduct } from '../api/product-query'
import { mediaFor, searchWithSelection, selectionFromSearch, variantFor } from '../variants'
import { BuyBox } from './buy-box'
import { Gallery } from './gallery'
import { ProductPrice } from './product-price'

/**
 * Gallery and buy box, which change together with the chosen variant. Starts from the cached product and asks the API
 * again when that is older than a minute, or when the shopper sees other prices than the page was rendered with.
 */
export function ProductStage({
  rendered,
  locale,
  heading,
  returnDays,
  children,
}: {
  rendered: RenderedProduct
  locale: Locale
  heading: ReactNode
  returnDays: number
  children: ReactNode
}) {
  const { product, failed, own, viewer } = useLiveProduct(rendered, locale)
  const numbers = usePartNumbers(viewer, [product.id]).get(product.id)
  const [search, setSearch] = useSearch('')
  const selection = selectionFromSearch(product, search)
  const variant = variantFor(product, selection)
  const media = mediaFor(product, variant)
  // The main button has been scrolled past.
  const bar = useBeyond('above')

  if (!variant) {
    return (
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8 md:grid-cols-2 lg:grid-cols-12 lg:gap-14">
        <div className="min-w-0 lg:col-span-7">
          <Gallery media={media} name={product.name} />
        </div>
        <div className="min-w-0 lg:col-span-5">
          {heading}
          {children}
        </div>
      </div>
    )
  }
  const available = variant.stock.state !== 'sold_out'
  return (
    <div
      data-catalogue={failed ? undefined : own ? 'own' : true}
      className="grid grid-cols-[minmax(0,1fr)] gap-8 md:grid-cols-2 lg:grid-cols-12 lg:gap-14"
    >
      <div className="min-w-0 md:max-lg:sticky md:max-lg:top-28 md:max-lg:self-start lg:col-span-7">
        <Gallery media={media} name={product.name} />
      </div>
      <div className="min-w-0 lg:col-span-5">
        <div className="lg:sticky lg:top-28">
          {heading}
          <BuyBox
            product={product}
            variant={variant}
            locale={locale}
            partNumbers={numbers?.filter((known) => known.variant === variant.id).map(({ number }) => number)}
            onChoose={(chosen) => setSearch(searchWithSelection(product, search, chosen), 'replace')}
            buttonRef={bar.target}
            returnDays={returnDays}
          />
          {children}
        </div>
      </div>
      {/* A gift card has fields to fill in, which the bar has not. */}
      {bar.beyond && !product.is_gift_card ? (
        <div
          data-buy-bar
          className="fixed inset-x-0 bottom-0 z-20 flex items-center gap-3 border-t bg-background px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] lg:hidden"
        >
          {media[0] ? (
            <span className="h-12 w-10 flex-none overflow-hidden rounded-sm bg-tile">
              <Picture image={media[0]} sizes="40px" alt="" fit="contain" className="size-full p-0.5" />
            </span>
          ) : null}
          <div className="min-w-0 flex-1">
            <p className="truncate text-sm font-medium">{product.name}</p>
            <ProductPrice price={variant.price} locale={locale} size="sm" />
          </div>
          <AddToCart
            variantId={variant.id}
            productName={product.name}
            available={available}
            size="md"
            block={false}
          />
        </div>
      ) : null}
    </div>
  )
}
