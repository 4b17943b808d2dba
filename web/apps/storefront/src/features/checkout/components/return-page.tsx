'use client'
import { isApiError, type PaymentOutcome } from '@stoa/api-client'
import { Alert, Button, buttonVariants, EmptyState, Spinner } from '@stoa/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { paths } from '@/config/paths'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { useHydrated } from '@/lib/use-hydrated'
import { useSearch } from '@/lib/use-search'
import { isUnderWay, returnedWith } from '../returned'
import { useCheckoutStore } from '../store'

const POLL_MS = 2000
const MOST_POLLS = 45

/** Where the bank sends the shopper back to: asks what became of the payment, and goes on from there. */
export function ReturnPage() {
  const locale = useLocale()
  const router = useRouter()
  const t = useTranslations('checkout.return')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const hydrated = useHydrated()
  const [search] = useSearch('')
  const declined = useCheckoutStore((store) => store.declined)
  const came = returnedWith(new URLSearchParams(search))
  const { attempt } = came
  const valid = attempt !== ''

  // The first question makes the server ask the provider; those after it only look.
  const asked = useQuery({
    queryKey: ['payment', attempt, 'return'],
    enabled: hydrated && valid,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      api('POST /checkout/payments/{attempt_id}/return', { path: { attempt_id: attempt } }, { signal }),
  })
  const polled = useQuery({
    queryKey: ['payment', attempt, 'poll'],
    enabled: isUnderWay(asked.data?.status, came),
    queryFn: ({ signal }) =>
      api('GET /checkout/payments/{attempt_id}', { path: { attempt_id: attempt } }, { signal }),
    refetchInterval: (query) =>
      query.state.dataUpdateCount < MOST_POLLS && isUnderWay(query.state.data?.status ?? 'processing', came)
        ? POLL_MS
        : false,
  })
  const polls = useQueryClient().getQueryState(['payment', attempt, 'poll'])?.dataUpdateCount ?? 0
  const outcome: PaymentOutcome | undefined = polled.data ?? asked.data
  const waiting = isUnderWay(outcome?.status, came)
  const slow = waiting && polls >= MOST_POLLS

  useEffect(() => {
    if (outcome?.status === 'completed') {
      const order = new URLSearchParams({ order: outcome.order_number, token: outcome.order_token })
      router.replace(`${paths.checkout(locale, 'done')}?${order.toString()}`)
    } else if (outcome?.status === 'declined') {
      declined(outcome.decline?.code ?? 'payments.declined_by_bank')
      router.replace(paths.checkout(locale, 'payment'))
    }
  }, [outcome, declined, router, locale])

  if ((hydrated && !valid) || isApiError(asked.error, 'checkout.payment_not_found')) {
    return (
      <EmptyState
        level={1}
        title={t('missingTitle')}
        action={
          <Link href={paths.cart(locale)} prefetch={false} className={buttonVariants()}>
            {common('continue')}
          </Link>
        }
      >
        {t('missingText')}
      </EmptyState>
    )
  }
  if (asked.isError) {
    return (
      <div className="mx-auto max-w-lg py-16">
        <Alert
          tone="error"
          title={t('title')}
          action={
            <Button size="sm" variant="outline" pending={asked.isFetching} onClick={() => asked.refetch()}>
              {common('retry')}
            </Button>
          }
        >
          {errors(errorKey(asked.error))}
        </Alert>
      </div>
    )
  }
  if (outcome?.status === 'redirect' && !waiting) {
    return (
      <EmptyState
        level={1}
        title={t('openTitle')}
        action={
          <>
            {outcome.redirect_url ? (
              <a href={outcome.redirect_url} className={buttonVariants()}>
                {t('openContinue')}
              </a>
            ) : null}
            <Link
              href={paths.checkout(locale, 'payment')}
              prefetch={false}
              className={buttonVariants({ variant: 'outline' })}
            >
              {t('openOther')}
            </Link>
          </>
        }
      >
        {t('openText')}
      </EmptyState>
    )
  }
  if (slow && outcome) {
    return (
      <EmptyState
        level={1}
        title={t('slowTitle')}
        action={
          <Link
            href={paths.order(locale, outcome.order_number, outcome.order_token)}
            prefetch={false}
            className={buttonVariants()}
          >
            {t('slowView')}
          </Link>
        }
      >
        {t('slowText', { number: outcome.order_number })}
      </EmptyState>
    )
  }
  return (
    <div role="status" className="mx-auto grid max-w-lg place-items-center py-24 text-center">
      <Spinner className="size-8" />
      <h1 className="headline mt-6 text-2xl">{t('title')}</h1>
      <p className="mt-3 text-muted-foreground">{t('text')}</p>
    </div>
  )
}
