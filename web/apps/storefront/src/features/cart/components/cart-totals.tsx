'use client'
import type { Cart, Totals } from '@stoa/api-client'
import { cn, formatMoney } from '@stoa/ui'
import { useLocale, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'

/** Every amount as the server said it. `pending`: it is working on new ones. */
export function TotalsList({
  totals,
  promotions = [],
  codes = [],
  shippingLater,
  pending = false,
  delivers = true,
}: {
  totals: Totals
  promotions?: Cart['promotions']
  codes?: Cart['codes']
  /** Said in place of a price while no delivery is chosen. */
  shippingLater: ReactNode
  pending?: boolean
  /** False of gift cards alone, which are mailed. */
  delivers?: boolean
}) {
  const locale = useLocale()
  const t = useTranslations('cart')
  const money = (amount: Totals['total']) => formatMoney(amount, locale)
  const named = [
    ...promotions.map(({ label, amount }) => ({ label, amount })),
    ...codes.flatMap(({ applied, label, amount, code }) =>
      applied && amount && amount.amount > 0 ? [{ label: label ?? code, amount }] : [],
    ),
  ]
  return (
    <div aria-busy={pending || undefined}>
      <p className="sr-only" aria-live="polite">
        {pending ? t('updating') : ''}
      </p>
      <dl className={cn('grid gap-2 text-sm tabular-nums transition-opacity', pending && 'opacity-45')}>
        <Row label={t('subtotal')}>{money(totals.subtotal)}</Row>
        {named.length > 0
          ? named.map(({ label, amount }) => (
              <Row key={label} label={label} tone="sale">
                −{money(amount)}
              </Row>
            ))
          : totals.discount.amount > 0 && (
              <Row label={t('discount')} tone="sale">
                −{money(totals.discount)}
              </Row>
            )}
        {delivers ? (
          <Row label={t('shipping')}>
            {totals.shipping ? (
              totals.shipping.amount === 0 ? (
                t('shippingFree')
              ) : (
                money(totals.shipping)
              )
            ) : (
              <span className="text-muted-foreground">{shippingLater}</span>
            )}
          </Row>
        ) : null}
        {totals.tax_included
          ? null
          : totals.tax_lines.map((line) => (
              <Row key={`${line.rate_label}${line.treatment}`} label={t('taxOf', { rate: line.rate_label })}>
                {money(line.tax)}
              </Row>
            ))}
        <div className="mt-1 flex items-baseline justify-between gap-4 border-t pt-3">
          <dt className="text-base font-medium">{t('total')}</dt>
          <dd className="text-right">
            <span className="text-xl font-medium">{money(totals.total)}</span>
            {totals.tax_included && totals.tax.amount > 0 ? (
              <span className="block text-xs text-muted-foreground">
                {t('taxIncluded', { amount: money(totals.tax) })}
              </span>
            ) : null}
          </dd>
        </div>
      </dl>
    </div>
  )
}

function Row({ label, tone, children }: { label: ReactNode; tone?: 'sale'; children: ReactNode }) {
  return (
    <div className={cn('flex justify-between gap-4', tone === 'sale' && 'text-sale')}>
      <dt className={tone ? undefined : 'text-muted-foreground'}>{label}</dt>
      <dd className="text-right">{children}</dd>
    </div>
  )
}
