'use client'
import { isApiError } from '@stoa/api-client'
import { Spinner } from '@stoa/ui'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { paths } from '@/config/paths'
import { useStartCheckout } from '../api/checkout'
import { openStep } from '../steps'
import { useCheckoutStore } from '../store'
import { CheckoutProblem } from './checkout-frame'

/** The way in: takes the goods off the shelf for a while and goes to the first step that is open. */
export function CheckoutStart() {
  const locale = useLocale()
  const common = useTranslations('common')
  const router = useRouter()
  const { mutate, data, error, isError } = useStartCheckout()
  const chosen = useCheckoutStore((store) => store.chosen)
  const empty = isApiError(error, 'cart.empty')
  useEffect(() => mutate(), [mutate])
  useEffect(() => {
    if (data) router.replace(paths.checkout(locale, openStep(data, chosen)))
    else if (empty) router.replace(paths.cart(locale))
  }, [data, empty, chosen, router, locale])
  if (isError && !empty) return <CheckoutProblem error={error} onRetry={() => mutate()} />
  return (
    <div role="status" className="grid min-h-80 place-items-center">
      <Spinner className="size-7" />
      <span className="sr-only">{common('loading')}</span>
    </div>
  )
}
