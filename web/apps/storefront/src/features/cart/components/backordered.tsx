'use client'
import { useLocale, useTranslations } from 'next-intl'
import { formatDay } from '@/lib/dates'

/** Of a line, what is not there yet and is sent when it comes. */
export function Backordered({
  count,
  day,
}: {
  count: number | null | undefined
  day: string | null | undefined
}) {
  const locale = useLocale()
  const t = useTranslations('cart.backorder')
  if (!count) return null
  return (
    <span className="mt-1 block text-sm text-muted-foreground">
      {day ? t('expected', { count, date: formatDay(day, locale) }) : t('unknown', { count })}
    </span>
  )
}
