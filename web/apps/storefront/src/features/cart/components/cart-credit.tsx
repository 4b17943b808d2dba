'use client'
import type { Money } from '@stoa/api-client'
import { formatMoney } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { storeCreditQuery } from '@/features/account/api/account-queries'
import { useSession } from '@/features/account/api/get-session'

/** Where gift cards and store credit come in, and how much credit there is in the cart's currency. */
export function CartCredit({ currency }: { currency: string }) {
  const customer = useSession().data?.customer
  const credit = useQuery({ ...storeCreditQuery(), enabled: Boolean(customer) }).data
  const own = customer ? credit?.items.find(({ available }) => available.currency === currency) : undefined
  return <CreditHint available={own?.available} />
}

export function CreditHint({ available }: { available: Money | undefined }) {
  const locale = useLocale()
  const t = useTranslations('cart.credit')
  return (
    <p className="text-sm text-muted-foreground">
      {available && available.amount > 0 ? t('own', { amount: formatMoney(available, locale) }) : t('later')}
    </p>
  )
}
