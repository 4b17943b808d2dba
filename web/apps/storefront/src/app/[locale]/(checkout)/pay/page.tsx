import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { PayPage } from '@/features/checkout/components/pay-page'
import { isLocale } from '@/i18n/locales'

export const ensureStatic = 'navigation'

type Props = PageProps<'/[locale]/pay'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'checkout' })
  return { title: t('pay.title'), robots: { index: false, follow: false }, referrer: 'no-referrer' }
}

export default async function Page({ params }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  return <PayPage />
}
