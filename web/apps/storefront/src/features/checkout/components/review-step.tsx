'use client'
import { ApiError, type Checkout, isApiError, type Money, type PaymentInput } from '@stoa/api-client'
import { Alert, Button, Checkbox, formatMoney } from '@stoa/ui'
import { useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { knownPages } from '@/config/pages'
import { paths } from '@/config/paths'
import { AddressLines } from '@/features/address/address-lines'
import { useCountryName } from '@/features/address/store-query'
import { useCartPending } from '@/features/cart/api/cart-mutations'
import { formatPromise } from '@/lib/dates'
import { errorKey } from '@/lib/error-message'
import { useRestored } from '@/lib/use-restored'
import { checkoutKey } from '../api/checkout'
import { outcomeUnknown, useComplete } from '../api/use-complete'
import { brandOf, digitsOf } from '../card'
import { toPayment } from '../payment-input'
import type { Step } from '../steps'
import { useCheckoutStore } from '../store'
import { CheckoutFrame, StepTitle } from './checkout-frame'
import { StockProblem } from './stock-problem'

export function ReviewStep() {
  return <CheckoutFrame step="review">{(checkout) => <Review checkout={checkout} />}</CheckoutFrame>
}

/** Problems that are mended on an earlier step. */
const STEP_OF: Record<string, Step> = {
  'checkout.contact_missing': 'address',
  'checkout.address_missing': 'address',
  'checkout.shipping_missing': 'delivery',
  'payments.stored_method_unknown': 'payment',
  'payments.credit_short': 'payment',
}

function Review({ checkout }: { checkout: Checkout }) {
  const locale = useLocale()
  const router = useRouter()
  const queries = useQueryClient()
  const t = useTranslations('checkout.review')
  const credits = useTranslations('checkout.credits')
  const countryName = useCountryName()
  const { draft, declined } = useCheckoutStore()
  const complete = useComplete()
  const cartPending = useCartPending()
  const [terms, setTerms] = useState(false)
  const [termsMissing, setTermsMissing] = useState(false)
  const [changed, setChanged] = useState<{ before: Money; after: Money }>()
  const noticeRef = useRef<HTMLDivElement>(null)
  const termsRef = useRef<HTMLInputElement>(null)
  const free = checkout.due.amount === 0
  const payment: PaymentInput | undefined = free ? { method: 'invoice' } : toPayment(draft, checkout.guest)
  const leaving = complete.isSuccess

  const { reset } = complete
  useEffect(
    () => () => {
      // The page is kept when it is left, and may be shown again for another order: it starts afresh then.
      reset()
      setTerms(false)
      setChanged(undefined)
    },
    [reset],
  )
  // Back from the bank's page: whoever wants to pay may press again, or choose another way.
  useRestored(
    useCallback(() => {
      reset()
      void queries.invalidateQueries({ queryKey: checkoutKey })
    }, [reset, queries]),
  )
  useEffect(() => {
    if (complete.isError) noticeRef.current?.focus()
  }, [complete.isError])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTermsMissing(!terms)
    if (!terms) return termsRef.current?.focus()
    if (!payment || complete.isPending || leaving || cartPending) return
    setChanged(undefined)
    complete.mutate(
      { checkout, payment },
      {
        onSuccess: (outcome) => {
          const { order_number: number, order_token: token } = outcome
          switch (outcome.status) {
            case 'completed':
              router.push(donePath(paths.checkout(locale, 'done'), number, token))
              break
            case 'redirect':
              if (outcome.redirect_url) location.assign(outcome.redirect_url)
              break
            case 'declined':
              declined(outcome.decline?.code ?? 'payments.declined_by_bank')
              router.push(paths.checkout(locale, 'payment'))
              break
            case 'processing':
              router.push(
                `${paths.checkout(locale, 'return')}?${new URLSearchParams({ attempt: outcome.attempt_id ?? '' })}`,
              )
          }
        },
        onError: (error) => {
          if (isApiError(error, 'checkout.total_changed')) {
            const after = moneyIn(error.details.due) ?? moneyIn(error.details.total)
            if (after) setChanged({ before: checkout.due, after })
            void queries.invalidateQueries({ queryKey: checkoutKey })
          } else if (error instanceof ApiError) {
            const step = STEP_OF[error.code] ?? (paymentField(error) ? 'payment' : undefined)
            if (step === 'payment') declined(paymentField(error) ? 'payments.declined_data' : error.code)
            if (step) router.push(paths.checkout(locale, step))
          }
        },
      },
    )
  }

  const { shipping_address: to, billing_address: bill, shipping } = checkout
  const delivers = checkout.cart.needs_delivery
  const amount = formatMoney(checkout.due, locale)
  return (
    <form onSubmit={submit} noValidate>
      <StepTitle>{t('title')}</StepTitle>
      <div ref={noticeRef} tabIndex={-1} className="outline-none">
        <Problem error={complete.error} changed={changed} />
      </div>
      <dl className="divide-y rounded-lg border bg-card">
        <Fact label={t('contact')} step="address">
          {checkout.contact?.email}
        </Fact>
        {delivers ? (
          <Fact label={t('shipTo')} step="address">
            {to ? <AddressLines address={to} country={countryName(to.country)} /> : null}
          </Fact>
        ) : null}
        <Fact label={t('billTo')} step="address">
          {delivers && (!bill || JSON.stringify(bill) === JSON.stringify(to)) ? (
            t('billSame')
          ) : !bill ? null : (
            <AddressLines address={bill} country={countryName(bill.country)} />
          )}
        </Fact>
        {delivers ? (
          <Fact label={t('shipBy')} step="delivery">
            {shipping?.name}
            {shipping?.service_point ? (
              <span className="block">
                {shipping.service_point.name},{' '}
                {[shipping.service_point.street, shipping.service_point.house_number]
                  .filter(Boolean)
                  .join(' ')}
                , {shipping.service_point.postal_code} {shipping.service_point.city}
              </span>
            ) : null}
            {shipping?.promise ? (
              <span className="block text-muted-foreground">{formatPromise(shipping.promise, locale)}</span>
            ) : null}
          </Fact>
        ) : null}
        {free && checkout.credits.length === 0 ? null : (
          <Fact label={t('payBy')} step="payment">
            {checkout.credits.map((credit) => (
              <span key={credit.id} className="block">
                {credit.kind === 'gift_card'
                  ? credits('card', { hint: credit.hint })
                  : credits('storeCredit')}
                , {formatMoney(credit.amount, locale)}
              </span>
            ))}
            {free ? null : <ChosenPayment />}
          </Fact>
        )}
      </dl>

      <Checkbox
        ref={termsRef}
        className="mt-6"
        name="terms"
        checked={terms}
        onChange={(event) => {
          setTerms(event.target.checked)
          setTermsMissing(false)
        }}
        aria-invalid={termsMissing || undefined}
        aria-describedby={termsMissing ? 'terms-problem' : undefined}
        label={t.rich('terms', {
          terms: (chunks) => (
            <LegalLink href={paths.page(locale, knownPages.terms[locale])}>{chunks}</LegalLink>
          ),
          privacy: (chunks) => (
            <LegalLink href={paths.page(locale, knownPages.privacy[locale])}>{chunks}</LegalLink>
          ),
        })}
      />
      {termsMissing ? (
        <p id="terms-problem" role="alert" className="mt-1 text-sm text-destructive">
          {t('termsRequired')}
        </p>
      ) : null}
      <Button
        type="submit"
        size="lg"
        block
        className="mt-6 tabular-nums"
        pending={complete.isPending || leaving}
        disabled={cartPending}
      >
        {checkout.totals.total.amount === 0
          ? t('free')
          : free || draft.choice === 'invoice'
            ? t('order', { amount })
            : t('pay', { amount })}
      </Button>
      <p aria-live="polite" className="mt-3 min-h-5 text-center text-sm text-muted-foreground">
        {complete.isPending || leaving ? t(payment?.method === 'invoice' ? 'placing' : 'paying') : ''}
      </p>
    </form>
  )
}

function Problem({
  error,
  changed,
}: {
  error: Error | null
  changed: { before: Money; after: Money } | undefined
}) {
  const locale = useLocale()
  const t = useTranslations('checkout.review')
  const errors = useTranslations('errors')

  if (changed) {
    return (
      <Alert tone="warning" title={t('totalChangedTitle')} className="mb-6">
        {t('totalChangedText', {
          before: formatMoney(changed.before, locale),
          after: formatMoney(changed.after, locale),
        })}
      </Alert>
    )
  }
  if (!error || isApiError(error, 'checkout.total_changed')) return null
  if (isApiError(error, 'checkout.stock_unavailable')) {
    return (
      <div className="mb-6">
        <StockProblem details={error.details} />
      </div>
    )
  }
  return (
    <Alert tone="error" title={t('failedTitle')} className="mb-6">
      {errors(errorKey(error))} {outcomeUnknown(error) ? t('failedText') : null}
    </Alert>
  )
}

const donePath = (path: string, order: string, token: string) =>
  `${path}?${new URLSearchParams({ order, token }).toString()}`

const paymentField = (error: ApiError): boolean =>
  error.errors.some(({ pointer }) => pointer.startsWith('/payment/'))

function moneyIn(value: unknown): Money | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { amount, currency } = value as Partial<Money>
  return typeof amount === 'number' && typeof currency === 'string' ? { amount, currency } : undefined
}

function Fact({ label, step, children }: { label: string; step: Step; children: ReactNode }) {
  const locale = useLocale()
  const t = useTranslations('checkout')
  return (
    <div className="grid gap-x-4 px-4 py-3.5 text-sm sm:grid-cols-[8rem_1fr_auto]">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="min-w-0">{children}</dd>
      <dd>
        <Link
          href={paths.checkout(locale, step)}
          prefetch={false}
          aria-label={t('review.changeOf', { what: label })}
          className="tap py-1 underline underline-offset-4"
        >
          {t('summary.edit')}
        </Link>
      </dd>
    </div>
  )
}

function ChosenPayment() {
  const t = useTranslations('checkout.payment')
  const draft = useCheckoutStore((store) => store.draft)
  const digits = digitsOf(draft.number)
  if (draft.choice === 'card') {
    return t('stored', { brand: brandOf(digits) ?? t('card'), last4: digits.slice(-4) })
  }
  if (draft.choice === 'sepa') return `${t('sepa')}, ${draft.iban.slice(0, 4)} … ${draft.iban.slice(-4)}`
  if (draft.choice === 'invoice') return t('invoice')
  if (draft.choice === 'hosted') return t('hosted')
  return t('card')
}

function LegalLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noreferrer" className="underline underline-offset-4">
      {children}
    </a>
  )
}
