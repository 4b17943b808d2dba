import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { CreditPage } from '@/features/account/components/credit-page'
import { isLocale } from '@/i18n/locales'

export const ensureStatic = 'navigation'

type Props = PageProps<'/[locale]/account/credit'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'account' })
  return { title: t('nav.credit'), robots: { index: false, follow: false } }
}

export default async function Page({ params }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  return <CreditPage />
}
