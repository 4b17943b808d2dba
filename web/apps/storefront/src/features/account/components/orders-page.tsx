'use client'
import type { OrderSummary } from '@stoa/api-client'
import { Button, EmptyState, formatMoney, Picture } from '@stoa/ui'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'
import { OrderState } from '@/features/orders/components/order-view'
import { formatDate } from '@/lib/dates'
import { ordersQuery } from '../api/account-queries'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'
import { LookAround } from './look-around'

export function OrdersPage() {
  const t = useTranslations('account')
  const query = useInfiniteQuery(ordersQuery())
  return (
    <>
      <AccountTitle>{t('nav.orders')}</AccountTitle>
      <Loaded query={query}>
        {({ pages }) => {
          const orders = pages.flatMap((page) => page.items)
          if (orders.length === 0) return <NoOrders />
          return (
            <>
              <ul className="grid gap-4">
                {orders.map((order) => (
                  <li key={order.number}>
                    <OrderCard order={order} />
                  </li>
                ))}
              </ul>
              {query.hasNextPage ? (
                <Button
                  variant="outline"
                  className="mt-8"
                  pending={query.isFetchingNextPage}
                  onClick={() => query.fetchNextPage()}
                >
                  {t('orders.more')}
                </Button>
              ) : null}
            </>
          )
        }}
      </Loaded>
    </>
  )
}

export function NoOrders({ level = 2 }: { level?: 2 | 3 }) {
  const t = useTranslations('account.orders')
  return (
    <EmptyState level={level} title={t('emptyTitle')} action={<LookAround />}>
      {t('emptyText')}
    </EmptyState>
  )
}

export function OrderCard({ order, level = 2 }: { order: OrderSummary; level?: 2 | 3 }) {
  const Heading = `h${level}` as const
  const locale = useLocale()
  const t = useTranslations('account.orders')
  return (
    <article className="relative flex flex-wrap items-center gap-x-6 gap-y-3 rounded-lg border bg-card p-4 hover:border-input sm:p-5">
      <div className="min-w-0 flex-1 basis-56">
        <Heading className="font-medium">
          <Link
            href={paths.account(locale, 'orders', order.number)}
            prefetch={false}
            className="after:absolute after:inset-0 after:rounded-lg"
          >
            {t('number', { number: order.number })}
          </Link>
        </Heading>
        <p className="mt-0.5 text-sm text-muted-foreground">
          {t('placed', { date: formatDate(order.placed_at, locale) })}
        </p>
        <p className="mt-2">
          <OrderState order={order} />
        </p>
      </div>
      <ul className="flex gap-2">
        {order.images.slice(0, 4).map((image) => (
          <li key={image.id} className="aspect-4/5 w-12 overflow-hidden rounded-sm bg-tile">
            <Picture image={image} sizes="48px" alt="" fit="contain" className="size-full p-0.5" />
          </li>
        ))}
      </ul>
      <p className="text-sm max-sm:flex max-sm:w-full max-sm:items-baseline max-sm:gap-3 sm:text-right">
        <span className="block font-medium tabular-nums">{formatMoney(order.total, locale)}</span>
        <span className="block text-muted-foreground">{t('items', { count: order.item_count })}</span>
      </p>
    </article>
  )
}
