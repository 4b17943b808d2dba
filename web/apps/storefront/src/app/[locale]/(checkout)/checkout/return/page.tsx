import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { ReturnPage } from '@/features/checkout/components/return-page'
import { isLocale } from '@/i18n/locales'

export const ensureStatic = 'navigation'

type Props = PageProps<'/[locale]/checkout/return'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'checkout' })
  return { title: t('return.title'), robots: { index: false, follow: false } }
}

export default async function Page({ params }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  return <ReturnPage />
}
