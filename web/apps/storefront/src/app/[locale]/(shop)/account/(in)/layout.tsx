import { notFound } from 'next/navigation'
import { AccountMessages } from '@/features/account/components/account-messages'
import { AccountShell } from '@/features/account/components/account-shell'
import { isLocale } from '@/i18n/locales'

export default async function SignedInLayout({ children, params }: LayoutProps<'/[locale]'>) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  return (
    <AccountMessages locale={locale}>
      <AccountShell>{children}</AccountShell>
    </AccountMessages>
  )
}
