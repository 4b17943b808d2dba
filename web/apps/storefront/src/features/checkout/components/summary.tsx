'use client'
import type { Checkout } from '@stoa/api-client'
import { ChevronDown, formatMoney, Picture, Skeleton } from '@stoa/ui'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { paths } from '@/config/paths'
import { useCartPending } from '@/features/cart/api/cart-mutations'
import { Backordered } from '@/features/cart/components/backordered'
import { CartCodes } from '@/features/cart/components/cart-codes'
import { TotalsList } from '@/features/cart/components/cart-totals'
import { LineAmount } from '@/features/cart/components/line-amount'

/** More than these are shown when somebody asks for them, or before the order is placed. */
const SHOWN = 4

/** At the side on wide screens; on a phone one line with the total that opens. `open`: it is, and shows every product. */
export function Summary({ checkout, open = false }: { checkout: Checkout; open?: boolean }) {
  const locale = useLocale()
  const t = useTranslations('checkout.summary')
  return (
    <>
      <details open={open} className="group rounded-lg bg-muted lg:hidden">
        <summary className="flex min-h-13 items-center justify-between gap-4 px-4 text-sm">
          <span className="inline-flex items-center gap-2">
            {t('show')}
            <ChevronDown className="size-4 transition-transform group-open:rotate-180" aria-hidden="true" />
          </span>
          <span className="font-medium tabular-nums">{formatMoney(checkout.totals.total, locale)}</span>
        </summary>
        <div className="px-4 pb-5">
          <SummaryBody checkout={checkout} whole={open} />
        </div>
      </details>
      <section aria-labelledby="summary-title" className="sticky top-8 rounded-xl bg-muted p-6 max-lg:hidden">
        <div className="mb-2 flex items-baseline justify-between gap-4">
          <h2 id="summary-title" className="font-medium">
            {t('title')}
          </h2>
          <Link
            href={paths.cart(locale)}
            prefetch={false}
            className="tap py-1 text-sm underline underline-offset-4"
          >
            {t('edit')}
          </Link>
        </div>
        <SummaryBody checkout={checkout} whole={open} />
      </section>
    </>
  )
}

function SummaryBody({ checkout, whole }: { checkout: Checkout; whole: boolean }) {
  const locale = useLocale()
  const t = useTranslations('checkout.summary')
  const credits = useTranslations('checkout.credits')
  const pending = useCartPending()
  const { cart, totals } = checkout
  const [all, setAll] = useState(false)
  const lines = whole || all || cart.lines.length <= SHOWN + 1 ? cart.lines : cart.lines.slice(0, SHOWN)
  return (
    <div className="grid gap-5">
      <div>
        <ul className="divide-y">
          {lines.map((line) => (
            <li key={line.id} className="flex gap-3.5 py-3">
              <span className="aspect-4/5 w-14 flex-none overflow-hidden rounded-sm bg-tile">
                {line.image ? (
                  <Picture image={line.image} sizes="56px" alt="" fit="contain" className="size-full p-1" />
                ) : null}
              </span>
              <span className="min-w-0 flex-1 text-sm">
                <span className="block font-medium">{line.name}</span>
                <span className="block text-muted-foreground">
                  {[line.options_text, t('quantity', { count: line.quantity })].filter(Boolean).join(' · ')}
                </span>
                <Backordered count={line.backordered_quantity} day={line.expected_on} />
              </span>
              <LineAmount line={line} />
            </li>
          ))}
        </ul>
        {lines.length < cart.lines.length ? (
          <button
            type="button"
            onClick={() => setAll(true)}
            className="tap mt-1 py-1 text-sm underline underline-offset-4"
          >
            {t('showAll', { count: cart.lines.length })}
          </button>
        ) : null}
      </div>
      <div className="border-t pt-4">
        <CartCodes cart={cart} />
      </div>
      <TotalsList
        totals={totals}
        promotions={cart.promotions}
        codes={cart.codes}
        shippingLater={t('later')}
        delivers={cart.needs_delivery}
        pending={pending}
      />
      {checkout.credits.length > 0 ? (
        <dl className="grid gap-2 border-t pt-3 text-sm tabular-nums">
          {checkout.credits.map((credit) => (
            <div key={credit.id} className="flex justify-between gap-4">
              <dt>
                {credit.kind === 'gift_card'
                  ? credits('card', { hint: credit.hint })
                  : credits('storeCredit')}
              </dt>
              <dd>−{formatMoney(credit.amount, locale)}</dd>
            </div>
          ))}
          <div className="flex justify-between gap-4 font-medium">
            <dt>{credits('due')}</dt>
            <dd>{formatMoney(checkout.due, locale)}</dd>
          </div>
        </dl>
      ) : null}
    </div>
  )
}

export function SummarySkeleton() {
  return (
    <div aria-hidden="true" className="rounded-xl bg-muted p-6 max-lg:h-13 max-lg:p-0">
      <div className="max-lg:hidden">
        <Skeleton className="h-5 w-32" />
        <Skeleton className="mt-6 h-16 w-full" />
        <Skeleton className="mt-4 h-16 w-full" />
        <Skeleton className="mt-8 h-6 w-full" />
      </div>
    </div>
  )
}
