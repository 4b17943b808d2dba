'use client'
import type { Locale, ProductPage, Variant } from '@stoa/api-client'
import { buttonVariants, cn, formatMoney, QuantityStepper, RotateCcw, Truck } from '@stoa/ui'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { type ReactNode, type RefObject, useRef, useState } from 'react'
import { knownPages } from '@/config/pages'
import { paths } from '@/config/paths'
import { WishButton } from '@/features/account/components/wish-button'
import { AddToCart } from '@/features/cart/components/add-to-cart'
import { formatDay, formatPromise } from '@/lib/dates'
import { emptyGift, giftProblems, toGift } from '../gift'
import type { Selection } from '../variants'
import { GiftFields } from './gift-fields'
import { OptionPicker } from './option-picker'
import { ProductPrice } from './product-price'

const STOCK_TONE: Record<Variant['stock']['state'], string> = {
  in_stock: 'text-success',
  low_stock: 'text-warning',
  sold_out: 'text-muted-foreground',
  backorder: 'text-foreground',
}

export function BuyBox({
  product,
  variant,
  locale,
  partNumbers = [],
  onChoose,
  buttonRef,
  returnDays,
}: {
  product: ProductPage
  variant: Variant
  locale: Locale
  /** What the buyer's company calls this variant. */
  partNumbers?: string[] | undefined
  onChoose: (selection: Selection) => void
  buttonRef: RefObject<HTMLDivElement | null>
  returnDays: number
}) {
  const t = useTranslations('product')
  const common = useTranslations('common')
  const [quantity, setQuantity] = useState(1)
  const [gift, setGift] = useState(emptyGift)
  const [checked, setChecked] = useState(false)
  const fields = useRef<HTMLDivElement>(null)
  // Not before the button was pressed: a page that is rendered ahead has no today.
  const problems = checked && product.is_gift_card ? giftProblems(gift, new Date()) : {}
  const ready = () => {
    setChecked(true)
    if (Object.keys(giftProblems(gift, new Date())).length === 0) return true
    requestAnimationFrame(() => fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
    return false
  }
  const available = variant.stock.state !== 'sold_out'
  const most = product.is_gift_card
    ? 20
    : variant.stock.state === 'low_stock'
      ? (variant.stock.quantity ?? 99)
      : 99
  const { price } = variant
  const help = (page: 'delivery' | 'returns') => (words: ReactNode) => (
    <Link
      href={paths.page(locale, knownPages[page][locale])}
      prefetch={false}
      className="tap underline decoration-1 underline-offset-4 hover:text-foreground"
    >
      {words}
    </Link>
  )
  return (
    <div>
      <div className="mt-5">
        <ProductPrice price={price} locale={locale} />
        <p className="mt-1 text-sm text-muted-foreground">
          {product.is_gift_card
            ? t('giftTax')
            : t.rich(price.tax_included ? 'taxIncluded' : 'taxExcluded', { link: help('delivery') })}
        </p>
        {price.lowest_30_days ? (
          <p data-price={price.lowest_30_days.currency} className="text-sm text-muted-foreground">
            {t('lowest30', { amount: formatMoney(price.lowest_30_days, locale, { whole: true }) })}
          </p>
        ) : null}
      </div>

      {partNumbers.length > 0 ? (
        <p className="mt-3 text-sm">{common('partNumber', { number: partNumbers.join(', ') })}</p>
      ) : null}

      <div className="mt-7 grid gap-6">
        {product.options.map((option) => (
          <OptionPicker
            key={option.code}
            product={product}
            option={option}
            variant={variant}
            onChoose={onChoose}
          />
        ))}
      </div>

      {product.is_gift_card ? (
        <div ref={fields}>
          <GiftFields draft={gift} problems={problems} onChange={setGift} />
        </div>
      ) : null}

      <p
        aria-live="polite"
        className={cn(
          'mt-7 flex items-center gap-2 text-sm font-medium',
          STOCK_TONE[variant.stock.state],
          // Of gift cards there are always enough: that need not be said.
          product.is_gift_card && available && 'sr-only',
        )}
      >
        <span aria-hidden="true" className="size-2 rounded-full bg-current" />
        {variant.stock.state === 'low_stock'
          ? t('stock.low_stock', { quantity: variant.stock.quantity ?? 0 })
          : t(`stock.${variant.stock.state}`)}
      </p>
      {variant.stock.state === 'backorder' ? (
        <p className="mt-1 text-sm text-muted-foreground">
          {variant.stock.expected_on
            ? t('backorderExpected', { date: formatDay(variant.stock.expected_on, locale) })
            : t('backorderUnknown')}
        </p>
      ) : null}
      {available ? null : <p className="mt-1 text-sm text-muted-foreground">{t('soldOutText')}</p>}

      {/* Below a wide screen the button has a row of its own: its words are twice as long in some languages. */}
      <div ref={buttonRef} className={cn('flex flex-wrap gap-3', product.is_gift_card ? 'mt-7' : 'mt-4')}>
        {available ? (
          <QuantityStepper
            value={Math.min(quantity, most)}
            onChange={setQuantity}
            max={most}
            labels={{ quantity: common('quantity'), less: common('less'), more: common('more') }}
          />
        ) : null}
        <div className={cn('flex-1', available && 'max-lg:order-last max-lg:basis-full')}>
          <AddToCart
            variantId={variant.id}
            productName={product.name}
            available={available}
            quantity={Math.min(quantity, most)}
            {...(product.is_gift_card ? { gift: toGift(gift), ready } : {})}
          />
        </div>
        <WishButton productId={product.id} className="ml-auto h-13 w-12 flex-none border" />
      </div>
      <PlainChoice product={product} locale={locale} />

      <ul className="mt-6 grid gap-2.5 text-sm">
        {available && variant.promise ? (
          <li className="flex items-center gap-3">
            <Truck className="size-4.5 flex-none text-muted-foreground" aria-hidden="true" />
            <span suppressHydrationWarning>
              {t('delivered', { range: formatPromise(variant.promise, locale) })}
            </span>
          </li>
        ) : null}
        {product.is_gift_card ? (
          <li>{t('gift.noDelivery')}</li>
        ) : (
          <li className="flex items-center gap-3">
            <RotateCcw className="size-4.5 flex-none text-muted-foreground" aria-hidden="true" />
            <span>{t.rich('returns', { days: returnDays, link: help('returns') })}</span>
          </li>
        )}
      </ul>

      {price.tiers.length > 0 ? (
        <div className="mt-7">
          <h2 className="text-sm font-medium">{t('tiersTitle')}</h2>
          <table className="mt-2 w-full max-w-sm text-sm tabular-nums">
            <tbody>
              {price.tiers.map((tier) => (
                <tr key={tier.min_quantity} className="border-b last:border-0">
                  <th scope="row" className="py-2 text-left font-normal">
                    {t('tierQuantity', { quantity: tier.min_quantity })}
                  </th>
                  <td className="py-2 text-right">
                    <span data-price={tier.amount.currency}>
                      {formatMoney(tier.amount, locale, { whole: true })} {t('tierPrice')}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </div>
  )
}

/** Without JavaScript the chips cannot be pressed: one list of all versions, in a form of its own. */
function PlainChoice({ product, locale }: { product: ProductPage; locale: Locale }) {
  const t = useTranslations('product')
  if (product.variants.length < 2) return null
  return (
    <noscript>
      <form method="post" action={paths.addToCartAction()} className="mt-4 flex flex-wrap gap-3">
        <input type="hidden" name="locale" value={locale} />
        <input type="hidden" name="quantity" value="1" />
        <select
          name="variant_id"
          aria-label={product.name}
          className="h-11 flex-1 rounded-md border bg-card px-3"
        >
          {product.variants
            .filter((variant) => variant.stock.state !== 'sold_out')
            .map((variant) => (
              <option key={variant.id} value={variant.id}>
                {variant.name} ({formatMoney(variant.price.amount, locale, { whole: true })})
              </option>
            ))}
        </select>
        <button type="submit" className={buttonVariants({ variant: 'outline' })}>
          {t('addToCart')}
        </button>
      </form>
    </noscript>
  )
}
