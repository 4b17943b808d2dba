'use client'
import { isApiError, type OrderPayment, type PaymentOutcome } from '@stoa/api-client'
import { Alert, Button, buttonVariants, EmptyState, formatMoney, Radio, RadioGroup, Spinner } from '@stoa/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { paths } from '@/config/paths'
import { duePaymentQuery } from '@/features/orders/api/due-payment-query'
import { api } from '@/lib/api'
import { codeKey, errorKey } from '@/lib/error-message'
import { useHydrated } from '@/lib/use-hydrated'
import { useRestored } from '@/lib/use-restored'
import { useSearch } from '@/lib/use-search'
import { usePayDue } from '../api/use-pay-due'
import { checkPayment, toPayment } from '../payment-input'
import { isUnderWay, pauseAfter, returnedWith } from '../returned'
import { useCheckoutStore } from '../store'
import { StepTitle } from './checkout-frame'
import { CardFields, hintOf, keyOf, labelOf, SepaFields, TestCards } from './payment-step'

const MOST_POLLS = 30

/** Where the mail leads that asks for what became due on an order, and where the bank sends the buyer back to. */
export function PayPage() {
  const locale = useLocale()
  const t = useTranslations('checkout.pay')
  const errors = useTranslations('errors')
  const common = useTranslations('common')
  const hydrated = useHydrated()
  const [search, setSearch] = useSearch('')
  const query = new URLSearchParams(search)
  const token = query.get('token') ?? ''
  const came = returnedWith(query)
  const { attempt } = came
  const back = attempt !== ''
  const queries = useQueryClient()
  const returned = useQuery({
    queryKey: ['order-payment', token, attempt],
    enabled: hydrated && back && token !== '',
    queryFn: ({ signal }) =>
      api(
        'POST /order-payment/{attempt_id}/return',
        { path: { attempt_id: attempt }, body: { token } },
        { signal },
      ),
    refetchInterval: ({ state: { data, dataUpdateCount } }) =>
      isUnderWay(data?.status, came) && dataUpdateCount < MOST_POLLS ? pauseAfter(dataUpdateCount) : false,
  })
  const found = useQuery({
    ...duePaymentQuery(token),
    enabled: hydrated && token !== '' && (!back || returned.data?.status === 'declined'),
  })
  const forgetAttempt = () => {
    setSearch(`?${new URLSearchParams({ token }).toString()}`)
    void queries.invalidateQueries({ queryKey: ['order-payment', token] })
  }

  if (hydrated && (token === '' || isApiError(found.error, 'orders.not_found')))
    return (
      <Message
        title={t('missingTitle')}
        action={
          <Link href={paths.home(locale)} prefetch={false} className={buttonVariants()}>
            {common('continue')}
          </Link>
        }
      >
        {t('missingText')}
      </Message>
    )
  const failure = returned.error ?? found.error
  if (failure) {
    return (
      <Alert
        tone="error"
        title={t('title')}
        action={
          <Button size="sm" variant="outline" onClick={() => (returned.error ? returned : found).refetch()}>
            {common('retry')}
          </Button>
        }
      >
        {errors(errorKey(failure))}
      </Alert>
    )
  }
  const outcome = back ? returned.data : undefined
  if (outcome?.status === 'completed') return <Paid outcome={outcome} token={token} />
  if (outcome && isUnderWay(outcome.status, came))
    return <Message title={t('processingTitle')}>{t('processingText')}</Message>
  if (outcome?.status === 'redirect') {
    return (
      <Message
        title={t('openTitle')}
        action={
          <>
            {outcome.redirect_url ? (
              <a href={outcome.redirect_url} className={buttonVariants()}>
                {t('atBank')}
              </a>
            ) : null}
            <Button variant="outline" onClick={forgetAttempt}>
              {t('again')}
            </Button>
          </>
        }
      />
    )
  }
  if (!found.data) {
    return (
      <div role="status" className="grid place-items-center py-24">
        <span className="sr-only">{common('loading')}</span>
        <Spinner className="size-8" />
      </div>
    )
  }
  const { order_number: number, due, processing } = found.data
  if (due.amount === 0 || processing) {
    return (
      <Message
        title={processing ? t('processingTitle') : t('nothingTitle')}
        action={
          <Link href={paths.order(locale, number, token)} prefetch={false} className={buttonVariants()}>
            {t('order')}
          </Link>
        }
      >
        {processing ? t('processingText') : t('nothingText', { number })}
      </Message>
    )
  }
  return <PayForm key={token} token={token} payment={found.data} declined={outcome?.decline?.code} />
}

function Message({ title, action, children }: { title: string; action?: ReactNode; children?: ReactNode }) {
  return (
    <EmptyState level={1} title={title} action={action}>
      {children}
    </EmptyState>
  )
}

function Paid({ outcome, token }: { outcome: PaymentOutcome; token: string }) {
  const locale = useLocale()
  const t = useTranslations('checkout.pay')
  return (
    <Message
      title={t('doneTitle')}
      action={
        <Link
          href={paths.order(locale, outcome.order_number, token)}
          prefetch={false}
          className={buttonVariants()}
        >
          {t('order')}
        </Link>
      }
    >
      {t('doneText', { number: outcome.order_number })}
    </Message>
  )
}

function PayForm({
  token,
  payment,
  declined,
}: {
  token: string
  payment: OrderPayment
  declined: string | undefined
}) {
  const locale = useLocale()
  const t = useTranslations('checkout.pay')
  const words = useTranslations('checkout.payment')
  const errors = useTranslations('errors')
  const { draft, edit, prepare } = useCheckoutStore()
  const [submitted, setSubmitted] = useState(false)
  const problems = submitted ? checkPayment(draft, new Date()) : {}
  useEffect(() => prepare(payment.items.map(keyOf), ''), [payment.items, prepare])
  const pay = usePayDue(token, payment.due)
  const { reset } = pay
  useEffect(
    () => () => {
      // The page is kept when it is left, and may be shown again when more became due: it asks afresh then.
      reset()
      setSubmitted(false)
    },
    [reset],
  )
  useRestored(reset) // back from the bank's page
  const outcome = pay.data
  if (outcome?.status === 'completed') return <Paid outcome={outcome} token={token} />
  if (outcome?.status === 'processing')
    return <Message title={t('processingTitle')}>{t('processingText')}</Message>
  const refusal =
    outcome?.status === 'declined' ? (outcome.decline?.code ?? 'payments.declined_by_bank') : declined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    const input = toPayment(draft, true)
    if (pay.isPending || !input || Object.keys(checkPayment(draft, new Date())).length > 0) return
    pay.mutate(input)
  }
  return (
    <form onSubmit={submit} noValidate className="mx-auto max-w-xl">
      <StepTitle>{t('title')}</StepTitle>
      <p>{t('text', { number: payment.order_number, total: formatMoney(payment.total, locale) })}</p>
      <p className="my-6 flex justify-between rounded-lg bg-muted px-5 py-4 font-medium">
        <span>{t('due')}</span>
        <span className="tabular-nums">{formatMoney(payment.due, locale)}</span>
      </p>
      {refusal ? (
        <Alert tone="error" title={words('declinedTitle')} className="mb-6">
          {errors(codeKey(refusal))}
        </Alert>
      ) : null}
      {pay.error ? (
        <Alert tone="error" title={t('title')} className="mb-6">
          {errors(errorKey(pay.error))}
        </Alert>
      ) : null}
      <RadioGroup legend={words('legend')}>
        {payment.items.map((method) => {
          const key = keyOf(method)
          return (
            <Radio
              key={key}
              name="method"
              value={key}
              checked={draft.choice === key}
              onChange={() => {
                edit({ choice: key })
                setSubmitted(false)
              }}
              label={labelOf(words, method)}
              hint={hintOf(words, method)}
            >
              {draft.choice === key && key === 'card' ? (
                <CardFields problems={problems} guest />
              ) : draft.choice === key && key === 'sepa' ? (
                <SepaFields problems={problems} />
              ) : null}
            </Radio>
          )
        })}
      </RadioGroup>
      {process.env.NODE_ENV === 'development' ? <TestCards /> : null}
      <Button
        type="submit"
        size="lg"
        block
        className="mt-8 tabular-nums"
        pending={pay.isPending || outcome?.status === 'redirect'}
      >
        {t('submit', { amount: formatMoney(payment.due, locale) })}
      </Button>
      <p aria-live="polite" className="mt-3 min-h-5 text-center text-sm text-muted-foreground">
        {pay.isPending ? t('paying') : ''}
      </p>
    </form>
  )
}
