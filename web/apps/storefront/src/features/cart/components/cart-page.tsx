'use client'
import type { Cart } from '@stoa/api-client'
import { Alert, Button, buttonVariants, cn, formatMoney } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'
import { errorKey } from '@/lib/error-message'
import { useBeyond } from '@/lib/use-beyond'
import { useCartPending } from '../api/cart-mutations'
import { cartQuery } from '../api/cart-query'
import { canCheckOut } from '../issues'
import { CartCodes } from './cart-codes'
import { CartCredit } from './cart-credit'
import { CartEmpty } from './cart-empty'
import { CartLine } from './cart-line'
import { CartSkeleton, TotalSkeleton } from './cart-skeleton'
import { TotalsList } from './cart-totals'
import { FreeDelivery } from './free-delivery'

export function CartPage() {
  const locale = useLocale()
  const t = useTranslations('cart')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const cart = useQuery(cartQuery(locale))
  const pending = useCartPending()
  const data = cart.data

  if (cart.isError && !data) {
    return (
      <Alert
        tone="error"
        title={t('failed')}
        action={
          <Button size="sm" variant="outline" onClick={() => cart.refetch()}>
            {common('retry')}
          </Button>
        }
      >
        {errors(errorKey(cart.error))}
      </Alert>
    )
  }
  if (data && data.lines.length === 0) return <CartEmpty />
  return (
    <div className="grid gap-10 lg:grid-cols-[minmax(0,1fr)_24rem] lg:gap-16">
      <section aria-label={t('lines')} aria-busy={!data || undefined}>
        {data ? (
          <>
            {data.free_shipping ? <FreeDelivery progress={data.free_shipping} /> : null}
            <ul className="divide-y border-b">
              {data.lines.map((line) => (
                <CartLine key={line.id} line={line} level={2} />
              ))}
            </ul>
          </>
        ) : (
          <CartSkeleton />
        )}
      </section>
      <section aria-label={t('total')} className="h-fit rounded-xl bg-muted p-6 lg:sticky lg:top-28">
        {data ? (
          <div className="grid gap-5">
            <div className="grid gap-3">
              <CartCodes cart={data} />
              <CartCredit currency={data.currency} />
            </div>
            <TotalsList
              totals={data.totals}
              promotions={data.promotions}
              codes={data.codes}
              shippingLater={t('shippingLater')}
              delivers={data.needs_delivery}
              pending={pending}
            />
            {canCheckOut(data) ? (
              <ToCheckout cart={data} />
            ) : (
              <Alert tone="warning">{t('issue.block')}</Alert>
            )}
            <p className="text-xs text-muted-foreground">{t('secure')}</p>
          </div>
        ) : (
          <TotalSkeleton />
        )}
      </section>
    </div>
  )
}

/** The way on. On a phone a bar brings it to those who are still at the first of many lines. */
function ToCheckout({ cart }: { cart: Cart }) {
  const locale = useLocale()
  const t = useTranslations('cart')
  const pending = useCartPending()
  const { target, beyond } = useBeyond('below')
  const link = (size: 'md' | 'lg') => (
    <Link
      href={paths.checkout(locale)}
      prefetch={false}
      className={buttonVariants({ size, block: size === 'lg' })}
    >
      {t('checkout')}
    </Link>
  )
  return (
    <div ref={target}>
      {link('lg')}
      {beyond ? (
        <div
          data-buy-bar
          className="fixed inset-x-0 bottom-0 z-20 flex items-center gap-4 border-t bg-background px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] lg:hidden"
        >
          <p className="min-w-0 flex-1 text-sm">
            {t('total')}
            <span className={cn('block text-base font-medium tabular-nums', pending && 'opacity-45')}>
              {formatMoney(cart.totals.total, locale)}
            </span>
          </p>
          {link('md')}
        </div>
      ) : null}
    </div>
  )
}
