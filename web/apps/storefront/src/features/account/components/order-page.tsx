'use client'
import { isNotFound } from '@stoa/api-client'
import { buttonVariants, ChevronLeft, EmptyState } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'
import { orderQuery } from '@/features/orders/api/order-query'
import { OrderDocuments } from '@/features/orders/components/order-documents'
import { OrderDue } from '@/features/orders/components/order-due'
import { OrderState, OrderView } from '@/features/orders/components/order-view'
import { OrderReturns } from '@/features/returns/components/order-returns'
import { formatDate } from '@/lib/dates'
import { useHydrated } from '@/lib/use-hydrated'
import { useSearch } from '@/lib/use-search'
import { Loaded } from './loaded'

/** One order of the account, or, as `guest`, the one behind the link of a mail. */
export function OrderPage({ number, guest = false }: { number: string; guest?: boolean }) {
  const locale = useLocale()
  const t = useTranslations('account.orders')
  const login = useTranslations('account.login')
  const hydrated = useHydrated()
  const [search] = useSearch('')
  const token = guest ? (new URLSearchParams(search).get('token') ?? '') : undefined
  const query = useQuery({
    ...orderQuery(number, token || undefined, locale),
    enabled: hydrated && (!guest || Boolean(token)),
  })
  if ((hydrated && guest && !token) || isNotFound(query.error)) {
    return (
      <EmptyState
        level={1}
        title={t('missingTitle')}
        action={
          guest ? (
            <Link
              href={paths.login(locale, paths.account(locale, 'orders'))}
              prefetch={false}
              className={buttonVariants()}
            >
              {login('title')}
            </Link>
          ) : (
            <Link href={paths.account(locale, 'orders')} prefetch={false} className={buttonVariants()}>
              {t('all')}
            </Link>
          )
        }
      >
        {t('missingText')}
      </EmptyState>
    )
  }
  return (
    <Loaded query={query}>
      {(order) => (
        <>
          {guest ? null : (
            <Link
              href={paths.account(locale, 'orders')}
              prefetch={false}
              className="mb-4 inline-flex items-center gap-1 py-1 text-sm text-muted-foreground hover:text-foreground"
            >
              <ChevronLeft className="size-4" aria-hidden="true" />
              {t('all')}
            </Link>
          )}
          <header className="mb-8">
            <h1 className="headline text-3xl">{t('number', { number: order.number })}</h1>
            <p className="mt-3 flex flex-wrap items-center gap-3 text-sm text-muted-foreground">
              <OrderState order={order} />
              {t('placed', { date: formatDate(order.placed_at, locale) })}
            </p>
          </header>
          <OrderDue order={order} token={token ?? order.payment_token ?? undefined} />
          <OrderView order={order}>
            <OrderDocuments number={order.number} token={token} />
            {order.state === 'pending_payment' || order.state === 'cancelled' ? null : (
              <OrderReturns number={order.number} token={token} />
            )}
          </OrderView>
        </>
      )}
    </Loaded>
  )
}
