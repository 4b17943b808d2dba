'use client'
import { buttonVariants } from '@stoa/ui'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'

/** The next step from a page of the account where nothing is yet. */
export function LookAround() {
  const locale = useLocale()
  const t = useTranslations('account.orders')
  return (
    <Link href={paths.home(locale)} className={buttonVariants()}>
      {t('emptyAction')}
    </Link>
  )
}
