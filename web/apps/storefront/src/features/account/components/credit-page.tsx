'use client'
import type { StoreCredit } from '@stoa/api-client'
import { EmptyState, formatMoney } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { formatDate } from '@/lib/dates'
import { storeCreditQuery } from '../api/account-queries'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'
import { LookAround } from './look-around'

const WORDS = { credit_put: 'granted', capture: 'spent', refund: 'returned' } as const
const wordOf = (kind: string) => WORDS[kind as keyof typeof WORDS] ?? 'other'

/** Store credit in each currency, and how it came about. */
export function CreditPage() {
  const t = useTranslations('account')
  const query = useQuery(storeCreditQuery())
  return (
    <>
      <AccountTitle>{t('nav.credit')}</AccountTitle>
      <Loaded query={query} rows={1}>
        {({ items }) => {
          const shown = items.filter(({ movements }) => movements.length > 0)
          return shown.length === 0 ? (
            <EmptyState title={t('credit.emptyTitle')} action={<LookAround />}>
              {t('credit.emptyText')}
            </EmptyState>
          ) : (
            <div className="grid max-w-xl gap-8">
              {shown.map((credit) => (
                <Credit key={credit.balance.currency} credit={credit} />
              ))}
            </div>
          )
        }}
      </Loaded>
    </>
  )
}

function Credit({ credit }: { credit: StoreCredit }) {
  const locale = useLocale()
  const t = useTranslations('account.credit')
  const { balance, available, movements } = credit
  const held = { amount: balance.amount - available.amount, currency: balance.currency }
  return (
    <section>
      <div className="rounded-lg bg-muted px-5 py-4">
        <h2 className="text-sm text-muted-foreground">{t('balance')}</h2>
        <p className="text-2xl font-medium tabular-nums">{formatMoney(balance, locale)}</p>
        {held.amount > 0 ? (
          <p className="mt-1 text-sm text-muted-foreground">
            {t('held', { amount: formatMoney(held, locale) })}
          </p>
        ) : null}
      </div>
      <h3 className="mt-5 mb-1 font-medium">{t('movements')}</h3>
      <ul className="divide-y text-sm">
        {movements.map((movement) => (
          <li
            key={`${movement.at}${movement.kind}${movement.amount.amount}`}
            className="flex justify-between gap-4 py-2.5"
          >
            <span>
              {t(wordOf(movement.kind))}
              <span className="block text-muted-foreground">{formatDate(movement.at, locale)}</span>
            </span>
            <span className="tabular-nums">{formatMoney(movement.amount, locale)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
