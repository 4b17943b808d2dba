'use client'
import { Alert, buttonVariants } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'
import { cartQuery } from '@/features/cart/api/cart-query'

type Shortage = { variant_id: string; wanted: number; available: number }

function shortagesIn(details: Readonly<Record<string, unknown>>): Shortage[] {
  const { lines } = details
  if (!Array.isArray(lines)) return []
  return lines.filter(
    (line): line is Shortage =>
      typeof line === 'object' &&
      line !== null &&
      typeof line.variant_id === 'string' &&
      typeof line.wanted === 'number' &&
      typeof line.available === 'number',
  )
}

/** Which goods were sold meanwhile, and how many of them are left. */
export function StockProblem({ details }: { details: Readonly<Record<string, unknown>> }) {
  const locale = useLocale()
  const t = useTranslations('checkout')
  const errors = useTranslations('errors')
  const cart = useQuery(cartQuery(locale)).data
  const shortages = shortagesIn(details)
  return (
    <Alert
      tone="warning"
      title={t('stockTitle')}
      action={
        <Link
          href={paths.cart(locale)}
          prefetch={false}
          className={buttonVariants({ size: 'sm', variant: 'outline' })}
        >
          {t('stockAction')}
        </Link>
      }
    >
      {shortages.length > 0 ? (
        <ul>
          {shortages.map((shortage) => {
            const line = cart?.lines.find(({ variant_id }) => variant_id === shortage.variant_id)
            const name = line ? [line.name, line.options_text].filter(Boolean).join(', ') : t('stockThing')
            return (
              <li key={shortage.variant_id}>
                {t.rich('stockLine', {
                  name,
                  available: shortage.available,
                  wanted: shortage.wanted,
                  strong: (chunks) => <strong className="font-medium">{chunks}</strong>,
                })}
              </li>
            )
          })}
        </ul>
      ) : (
        errors('stockUnavailable')
      )}
    </Alert>
  )
}
