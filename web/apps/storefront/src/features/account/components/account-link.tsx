'use client'
import { User } from '@stoa/ui'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'

/** Header slot. The account page itself sends whoever is not signed in to the login. */
export function AccountLink() {
  const locale = useLocale()
  const t = useTranslations('shell')
  return (
    <Link
      href={paths.account(locale)}
      prefetch={false}
      aria-label={t('account')}
      className="grid size-11 place-items-center rounded-md hover:bg-muted"
    >
      <User className="size-5" aria-hidden="true" />
    </Link>
  )
}
