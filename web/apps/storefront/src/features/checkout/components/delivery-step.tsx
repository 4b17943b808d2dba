'use client'
import { ApiError, type Checkout, type ShippingOption } from '@stoa/api-client'
import { Alert, Button, formatMoney, Radio, RadioGroup, Skeleton, toast } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useRef, useState } from 'react'
import { paths } from '@/config/paths'
import { formatPromise } from '@/lib/dates'
import { errorKey } from '@/lib/error-message'
import { shippingOptionsQuery, useSetShipping } from '../api/checkout'
import { usualOption } from '../usual-option'
import { CheckoutFrame, focusFirstProblem, StepTitle } from './checkout-frame'
import { ServicePoints } from './service-points'

export function DeliveryStep() {
  const t = useTranslations('checkout')
  return (
    <CheckoutFrame step="delivery">
      {(checkout) => (
        <>
          <StepTitle>{t('delivery.title')}</StepTitle>
          <DeliveryLoader checkout={checkout} />
        </>
      )}
    </CheckoutFrame>
  )
}

function DeliveryLoader({ checkout }: { checkout: Checkout }) {
  const t = useTranslations('checkout')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const options = useQuery(shippingOptionsQuery(checkout))
  if (options.isError) {
    return (
      <Alert
        tone="error"
        title={t('delivery.failed')}
        action={
          <Button size="sm" variant="outline" onClick={() => options.refetch()}>
            {common('retry')}
          </Button>
        }
      >
        {errors(errorKey(options.error))}
      </Alert>
    )
  }
  if (!options.data) {
    return (
      <div role="status" className="grid gap-2">
        <span className="sr-only">{common('loading')}</span>
        {[0, 1, 2].map((row) => (
          <Skeleton key={row} className="h-16 w-full" />
        ))}
      </div>
    )
  }
  if (options.data.items.length === 0) return <Alert tone="warning">{t('delivery.none')}</Alert>
  return <DeliveryForm checkout={checkout} options={options.data.items} />
}

function DeliveryForm({ checkout, options }: { checkout: Checkout; options: ShippingOption[] }) {
  const locale = useLocale()
  const router = useRouter()
  const t = useTranslations('checkout')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const formRef = useRef<HTMLFormElement>(null)
  const save = useSetShipping()
  const before = options.find((option) => option.id === checkout.shipping?.option_id)
  const [chosen, setChosen] = useState(before?.id ?? usualOption(options)?.id)
  const [point, setPoint] = useState(checkout.shipping?.service_point?.id)
  const [problem, setProblem] = useState<'choose' | 'choosePoint'>()
  const option = options.find(({ id }) => id === chosen)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!option || (option.kind === 'service_point' && !point)) {
      setProblem(option ? 'choosePoint' : 'choose')
      return focusFirstProblem(formRef.current)
    }
    save.mutate(
      {
        option_id: option.id,
        ...(option.kind === 'service_point' && point ? { service_point_id: point } : {}),
      },
      {
        onSuccess: () => router.push(paths.checkout(locale, 'payment')),
        onError: (error) => {
          if (error instanceof ApiError && error.field('/service_point_id')) setProblem('choosePoint')
          else toast(errors(errorKey(error)), { tone: 'error' })
        },
      },
    )
  }
  return (
    <form ref={formRef} onSubmit={submit} noValidate>
      <div data-problem={problem}>
        <RadioGroup
          legend={t('delivery.legend')}
          error={problem === 'choose' ? t('delivery.choose') : undefined}
        >
          {options.map((entry) => (
            <Radio
              key={entry.id}
              name="delivery"
              value={entry.id}
              checked={chosen === entry.id}
              onChange={() => {
                setChosen(entry.id)
                setProblem(undefined)
              }}
              label={entry.name}
              hint={hintOf(entry)}
              trailing={entry.price.amount === 0 ? common('price.free') : formatMoney(entry.price, locale)}
            >
              {chosen === entry.id && entry.kind === 'service_point' ? (
                <ServicePoints
                  optionId={entry.id}
                  postalCode={checkout.shipping_address?.postal_code ?? ''}
                  value={point}
                  onChange={(id) => {
                    setPoint(id)
                    setProblem(undefined)
                  }}
                  problem={problem === 'choosePoint' ? t('delivery.choosePoint') : undefined}
                />
              ) : null}
            </Radio>
          ))}
        </RadioGroup>
      </div>
      <Button type="submit" size="lg" block pending={save.isPending} className="mt-8">
        {t('delivery.continue')}
      </Button>
    </form>
  )

  function hintOf(entry: ShippingOption): string {
    const promise = entry.promise
      ? t('delivery.arrives', { range: formatPromise(entry.promise, locale) })
      : ''
    return [promise, entry.description].filter(Boolean).join(' · ')
  }
}
