'use client'
import type { Order, OrderPayment } from '@stoa/api-client'
import { Alert, buttonVariants, formatMoney } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'
import { duePaymentQuery } from '../api/due-payment-query'

/** In these states something may have become due after the sale. */
const collects = ({ payment_state }: Pick<Order, 'payment_state'>): boolean =>
  payment_state === 'partially_paid' || payment_state === 'failed'

/** What is left to pay after a change of the order, once that is known. The order itself can be read without it. */
export function OrderDue({ order, token }: { order: Order; token: string | undefined }) {
  const open = collects(order)
  // It may have been paid a moment ago: what was known before is not shown again.
  const { data, isFetchedAfterMount } = useQuery({
    ...duePaymentQuery(token ?? ''),
    enabled: open && Boolean(token),
    refetchOnMount: 'always',
  })
  const payment = isFetchedAfterMount ? data : undefined
  return open && token && payment ? <DueNotice payment={payment} token={token} /> : null
}

export function DueNotice({ payment, token }: { payment: OrderPayment; token: string }) {
  const locale = useLocale()
  const t = useTranslations('order.due')
  const { due, processing, total } = payment
  if (processing)
    return (
      <Alert title={t('processingTitle')} className="mb-8">
        {t('processing')}
      </Alert>
    )
  if (due.amount === 0) return null
  return (
    <section
      aria-labelledby="order-due"
      className="mb-8 flex flex-wrap items-center justify-between gap-x-8 gap-y-4 rounded-xl bg-warning-ground px-6 py-5"
    >
      <div className="min-w-0">
        <h2 id="order-due" className="text-lg font-medium tabular-nums">
          {t('amount', { amount: formatMoney(due, locale) })}
        </h2>
        <p className="text-sm">{t('text', { total: formatMoney(total, locale) })}</p>
      </div>
      <Link
        href={paths.pay(locale, token)}
        prefetch={false}
        className={`${buttonVariants({ size: 'lg' })} max-sm:w-full`}
      >
        {t('pay')}
      </Link>
    </section>
  )
}
