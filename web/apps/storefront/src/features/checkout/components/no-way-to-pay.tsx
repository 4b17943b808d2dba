'use client'
import type { Checkout } from '@stoa/api-client'
import { Alert, Button, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { storeQuery } from '@/features/address/store-query'
import { setPreferences, usePreferences } from '@/features/preferences/preferences'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'

/** The payment provider does not take every currency, and invoices end at a sum: the shop's own currency goes on. */
export function NoWayToPay({ checkout }: { checkout: Checkout }) {
  const locale = useLocale()
  const t = useTranslations('checkout.payment')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const preferences = usePreferences()
  const store = useQuery(storeQuery(locale)).data
  const { currency } = checkout.totals.total
  const other = store?.default_currency
  const change = useMutation({
    mutationFn: (to: string) => api('PATCH /cart', { body: { currency: to } }),
    onSuccess: async (_cart, to) => {
      setPreferences({ ...preferences, currency: to })
      await queries.invalidateQueries()
    },
    onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }),
  })
  if (!store || !other) return null
  if (other === currency) {
    return (
      <Alert tone="warning" title={t('noneTitle', { currency })}>
        {t('noneHelp', { email: store.contact.email })}
      </Alert>
    )
  }
  return (
    <Alert
      tone="warning"
      title={t('noneTitle', { currency })}
      action={
        <Button size="sm" variant="outline" pending={change.isPending} onClick={() => change.mutate(other)}>
          {t('noneSwitch', { other })}
        </Button>
      }
    >
      {t('noneText', { currency, other })}
    </Alert>
  )
}
