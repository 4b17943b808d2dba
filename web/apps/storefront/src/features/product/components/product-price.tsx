'use client'
import type { Locale, Price as PriceValue } from '@stoa/api-client'
import { Price } from '@stoa/ui'
import { useTranslations } from 'next-intl'

export function ProductPrice({
  price,
  locale,
  size = 'lg',
}: {
  price: PriceValue
  locale: Locale
  size?: 'sm' | 'md' | 'lg'
}) {
  const t = useTranslations('common.price')
  return <Price price={price} locale={locale} size={size} labels={{ now: t('now'), before: t('before') }} />
}
