'use client'
import type { Checkout, PaymentMethod } from '@stoa/api-client'
import { Alert, Button, Checkbox, Field, Input, Radio, RadioGroup, Skeleton } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { paths } from '@/config/paths'
import { codeKey, errorKey } from '@/lib/error-message'
import { paymentMethodsQuery } from '../api/checkout'
import { brandOf, cvvLength, digitsOf, formatCardNumber, formatExpiry, formatIban } from '../card'
import { checkPayment, type PaymentField } from '../payment-input'
import { useCheckoutStore } from '../store'
import { CheckoutFrame, focusFirstProblem, StepTitle } from './checkout-frame'
import { Credits } from './credits'
import { NoWayToPay } from './no-way-to-pay'

export function PaymentStep() {
  const t = useTranslations('checkout.payment')
  return (
    <CheckoutFrame step="payment">
      {(checkout) => (
        <>
          <StepTitle>{t('title')}</StepTitle>
          <PaymentLoader checkout={checkout} />
        </>
      )}
    </CheckoutFrame>
  )
}

export const keyOf = (method: PaymentMethod): string =>
  method.method === 'stored_card' && method.stored ? `stored:${method.stored.id}` : method.method

function PaymentLoader({ checkout }: { checkout: Checkout }) {
  const t = useTranslations('checkout.payment')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const methods = useQuery(paymentMethodsQuery(checkout))
  if (methods.isError) {
    return (
      <Alert
        tone="error"
        title={t('failed')}
        action={
          <Button size="sm" variant="outline" onClick={() => methods.refetch()}>
            {common('retry')}
          </Button>
        }
      >
        {errors(errorKey(methods.error))}
      </Alert>
    )
  }
  if (!methods.data) {
    return (
      <div role="status" className="grid gap-2">
        <span className="sr-only">{common('loading')}</span>
        <Skeleton className="h-16 w-full" />
        <Skeleton className="h-16 w-full" />
        <Skeleton className="h-16 w-full" />
      </div>
    )
  }
  return (
    <>
      <Declined />
      <Credits checkout={checkout} storeCredit={methods.data.store_credit} />
      {methods.data.items.length === 0 && checkout.due.amount > 0 ? (
        <NoWayToPay checkout={checkout} />
      ) : (
        <PaymentForm checkout={checkout} methods={methods.data.items} />
      )}
    </>
  )
}

/** What became of the last attempt, before anything that could be tried next. */
function Declined() {
  const t = useTranslations('checkout.payment')
  const errors = useTranslations('errors')
  const decline = useCheckoutStore((state) => state.decline)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (decline) box.current?.focus()
  }, [decline])
  if (!decline) return null
  return (
    <div ref={box} tabIndex={-1} className="mb-6 outline-none">
      <Alert tone="error" title={t('declinedTitle')}>
        {errors(codeKey(decline))} {decline === 'checkout.order_cancelled' ? null : t('declinedKept')}
      </Alert>
    </div>
  )
}

function PaymentForm({ checkout, methods }: { checkout: Checkout; methods: PaymentMethod[] }) {
  const locale = useLocale()
  const router = useRouter()
  const t = useTranslations('checkout.payment')
  const formRef = useRef<HTMLFormElement>(null)
  const { draft, edit, prepare, choose } = useCheckoutStore()
  const [missing, setMissing] = useState(false)
  const [submitted, setSubmitted] = useState(false)
  const free = checkout.due.amount === 0
  const problems = submitted ? checkPayment(draft, new Date()) : {}

  const payer = checkout.billing_address ?? checkout.shipping_address
  const name = payer ? `${payer.first_name} ${payer.last_name}`.trim() : ''
  useEffect(() => prepare(methods.map(keyOf), name), [methods, name, prepare])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (!free && !draft.choice) {
      setMissing(true)
      return focusFirstProblem(formRef.current)
    }
    if (!free && Object.keys(checkPayment(draft, new Date())).length > 0)
      return focusFirstProblem(formRef.current)
    choose()
    router.push(paths.checkout(locale, 'review'))
  }
  return (
    <form ref={formRef} onSubmit={submit} noValidate>
      {free ? (
        <p className="rounded-lg bg-muted px-5 py-4">
          {checkout.totals.total.amount === 0 ? t('nothing') : t('covered')}
        </p>
      ) : (
        <div data-problem={missing || undefined}>
          <RadioGroup legend={t('legend')} error={missing ? t('choose') : undefined}>
            {methods.map((method) => {
              const key = keyOf(method)
              return (
                <Radio
                  key={key}
                  name="method"
                  value={key}
                  checked={draft.choice === key}
                  onChange={() => {
                    edit({ choice: key })
                    setMissing(false)
                    setSubmitted(false)
                  }}
                  label={labelOf(t, method)}
                  hint={hintOf(t, method)}
                >
                  {draft.choice === key && key === 'card' ? (
                    <CardFields problems={problems} guest={checkout.guest} />
                  ) : draft.choice === key && key === 'sepa' ? (
                    <SepaFields problems={problems} />
                  ) : null}
                </Radio>
              )
            })}
          </RadioGroup>
        </div>
      )}
      {process.env.NODE_ENV === 'development' ? <TestCards /> : null}
      <Button type="submit" size="lg" block className="mt-8">
        {t('continue')}
      </Button>
      <p className="mt-4 text-xs text-muted-foreground">{t('safe')}</p>
    </form>
  )
}

type Words = ReturnType<typeof useTranslations<'checkout.payment'>>

const named = (method: PaymentMethod['method']) =>
  method === 'card' || method === 'sepa' || method === 'hosted' || method === 'invoice' ? method : undefined

export function labelOf(t: Words, method: PaymentMethod): string {
  if (method.stored) return t('stored', { brand: method.stored.brand, last4: method.stored.last4 })
  const known = named(method.method)
  return known ? t(known) : method.label
}
export function hintOf(t: Words, method: PaymentMethod): string {
  if (method.stored) {
    return t('storedHint', {
      month: String(method.stored.expiry_month).padStart(2, '0'),
      year: String(method.stored.expiry_year),
    })
  }
  const known = named(method.method)
  return known ? t(`${known}Hint`) : ''
}

type Problems = ReturnType<typeof checkPayment>

function useProblemText(problems: Problems) {
  const t = useTranslations('checkout.payment')
  const words = useTranslations('address')
  const number = useCheckoutStore((store) => store.draft.number)
  return (field: PaymentField): string | undefined => {
    const key = problems[field]
    if (!key) return undefined
    return key === 'required' ? words('required') : t(key, { count: cvvLength(number) } as never)
  }
}

export function CardFields({ problems, guest }: { problems: Problems; guest: boolean }) {
  const t = useTranslations('checkout.payment')
  const { draft, edit } = useCheckoutStore()
  const problem = useProblemText(problems)
  const amex = cvvLength(draft.number) === 4
  return (
    <div className="grid gap-4 border-t px-4 pt-4 pb-5">
      <Field label={t('number')} error={problem('number')} hint={brandOf(draft.number)}>
        <Input
          name="cardnumber"
          autoComplete="cc-number"
          inputMode="numeric"
          required
          value={draft.number}
          onChange={(event) => edit({ number: formatCardNumber(event.target.value) })}
          placeholder="0000 0000 0000 0000"
        />
      </Field>
      <div className="grid grid-cols-2 gap-4">
        <Field label={t('expiry')} error={problem('expiry')}>
          <Input
            name="cc-exp"
            autoComplete="cc-exp"
            inputMode="numeric"
            required
            value={draft.expiry}
            onChange={(event) => {
              const typed = event.target.value
              // Deleting must be able to eat the slash.
              edit({
                expiry:
                  typed.length < draft.expiry.length ? typed.replace(/[\s/]+$/, '') : formatExpiry(typed),
              })
            }}
            placeholder={t('expiryPlaceholder')}
          />
        </Field>
        <Field label={t('cvv')} error={problem('cvv')} hint={amex ? t('cvvHintAmex') : t('cvvHint')}>
          <Input
            name="cvc"
            autoComplete="cc-csc"
            inputMode="numeric"
            required
            value={draft.cvv}
            onChange={(event) => edit({ cvv: digitsOf(event.target.value).slice(0, 4) })}
          />
        </Field>
      </div>
      <Field label={t('holder')} error={problem('holder')}>
        <Input
          name="ccname"
          autoComplete="cc-name"
          required
          maxLength={80}
          value={draft.holder}
          onChange={(event) => edit({ holder: event.target.value })}
        />
      </Field>
      {guest ? null : (
        <Checkbox
          name="save"
          checked={draft.saveCard}
          onChange={(event) => edit({ saveCard: event.target.checked })}
          label={t('save')}
        />
      )}
    </div>
  )
}

export function SepaFields({ problems }: { problems: Problems }) {
  const t = useTranslations('checkout.payment')
  const { draft, edit } = useCheckoutStore()
  const problem = useProblemText(problems)
  return (
    <div className="grid gap-4 border-t px-4 pt-4 pb-5">
      <Field label={t('iban')} error={problem('iban')}>
        <Input
          name="iban"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          required
          value={draft.iban}
          onChange={(event) => edit({ iban: formatIban(event.target.value) })}
        />
      </Field>
      <Field label={t('accountHolder')} error={problem('accountHolder')}>
        <Input
          name="account_holder"
          autoComplete="name"
          required
          maxLength={80}
          value={draft.accountHolder}
          onChange={(event) => edit({ accountHolder: event.target.value })}
        />
      </Field>
      <p className="text-sm text-muted-foreground">{t('mandate')}</p>
    </div>
  )
}

/** Only in development: what the payment sandbox answers to. */
export function TestCards() {
  const t = useTranslations('checkout.payment')
  const edit = useCheckoutStore((store) => store.edit)
  const cards = [
    ['4111111111111111', t('testPaid')],
    ['4000012892688323', t('testSecure')],
    ['4000000000000002', t('testDeclined')],
  ] as const
  return (
    <section className="mt-6 rounded-lg border border-dashed px-4 py-3 text-sm">
      <h2 className="font-medium">{t('testTitle')}</h2>
      <ul className="mt-1">
        {cards.map(([number, effect]) => (
          <li key={number} className="flex flex-wrap justify-between gap-x-4">
            <button
              type="button"
              aria-label={t('testUse', { number: formatCardNumber(number) })}
              className="py-1 tabular-nums underline underline-offset-4"
              onClick={() =>
                edit({
                  choice: 'card',
                  number: formatCardNumber(number),
                  expiry: `12 / ${String(new Date().getFullYear() + 3).slice(2)}`,
                  cvv: '123',
                })
              }
            >
              {formatCardNumber(number)}
            </button>
            <span className="py-1 text-muted-foreground">{effect}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
