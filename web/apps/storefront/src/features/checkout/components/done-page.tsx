'use client'
import { isNotFound } from '@stoa/api-client'
import { Alert, Button, buttonVariants, CircleCheck, EmptyState, Skeleton } from '@stoa/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { paths } from '@/config/paths'
import { useSession } from '@/features/account/api/get-session'
import { cartKey } from '@/features/cart/api/cart-query'
import { orderQuery } from '@/features/orders/api/order-query'
import { OrderView } from '@/features/orders/components/order-view'
import { errorKey } from '@/lib/error-message'
import { useHydrated } from '@/lib/use-hydrated'
import { useSearch } from '@/lib/use-search'
import { useCheckoutStore } from '../store'

/** Thanks, the number, and everything that was ordered. Opened with the order's own link, so it can be reloaded. */
export function DonePage() {
  const locale = useLocale()
  const t = useTranslations('checkout.done')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const hydrated = useHydrated()
  const [search] = useSearch('')
  const query = new URLSearchParams(search)
  const number = query.get('order') ?? ''
  const token = query.get('token') ?? ''
  const known = number !== '' && token !== ''
  const order = useQuery({ ...orderQuery(number, token, locale), enabled: hydrated && known })
  const session = useSession()
  const queries = useQueryClient()
  const forget = useCheckoutStore((store) => store.forget)
  const bought = order.isSuccess
  useEffect(() => {
    if (!bought) return
    // What was in the cart is an order now, and the card is not needed any more.
    forget()
    queries.removeQueries({ queryKey: cartKey })
    queries.removeQueries({ queryKey: ['checkout'] })
    void queries.invalidateQueries({ queryKey: ['session'] })
    void queries.invalidateQueries({ queryKey: ['account'] })
  }, [bought, forget, queries])

  if ((hydrated && !known) || isNotFound(order.error)) {
    return (
      <EmptyState
        level={1}
        title={t('missing')}
        action={
          <Link href={paths.home(locale)} className={buttonVariants()}>
            {common('continueShopping')}
          </Link>
        }
      />
    )
  }
  if (order.isError) {
    return (
      <div className="mx-auto max-w-lg py-16">
        <Alert
          tone="error"
          title={t('failed')}
          action={
            <Button size="sm" variant="outline" onClick={() => order.refetch()}>
              {common('retry')}
            </Button>
          }
        >
          {errors(errorKey(order.error))}
        </Alert>
      </div>
    )
  }
  const data = order.data
  if (!data) {
    return (
      <div role="status">
        <span className="sr-only">{common('loading')}</span>
        <Skeleton className="h-10 w-72" />
        <Skeleton className="mt-4 h-5 w-96 max-w-full" />
        <Skeleton className="mt-12 h-64 w-full" />
      </div>
    )
  }
  const signedIn = Boolean(session.data?.customer)
  const waiting = data.state === 'pending_payment'
  return (
    <>
      <header data-order-placed className="mb-10 lg:mb-14">
        <p className="flex items-center gap-2 text-sm font-medium text-success">
          <CircleCheck className="size-5" aria-hidden="true" />
          {t('number', { number: data.number })}
        </p>
        <h1 className="headline mt-2 text-3xl lg:text-4xl">
          {t('thanks', { name: data.shipping_address.first_name })}
        </h1>
        <p className="mt-3 max-w-prose">
          {waiting
            ? t('pending')
            : t.rich('mail', {
                email: data.email,
                strong: (chunks) => <strong className="font-medium">{chunks}</strong>,
              })}
        </p>
        <div className="mt-6 flex flex-wrap gap-3">
          <Link href={paths.home(locale)} className={buttonVariants()}>
            {common('continueShopping')}
          </Link>
          {signedIn ? (
            <Link
              href={paths.account(locale, 'orders')}
              prefetch={false}
              className={buttonVariants({ variant: 'outline' })}
            >
              {t('accountOrders')}
            </Link>
          ) : null}
        </div>
      </header>
      <OrderView order={data} />
      {session.data && !signedIn ? (
        <aside className="mt-14 flex flex-wrap items-center justify-between gap-x-10 gap-y-4 rounded-xl bg-accent px-6 py-6 text-accent-foreground">
          <div className="max-w-prose">
            <h2 className="font-medium">{t('accountTitle')}</h2>
            <p className="mt-1 text-sm">{t('accountText')}</p>
          </div>
          <Link
            href={`${paths.register(locale)}?${new URLSearchParams({ email: data.email }).toString()}`}
            prefetch={false}
            className={buttonVariants({ variant: 'outline' })}
          >
            {t('accountAction')}
          </Link>
        </aside>
      ) : null}
    </>
  )
}
