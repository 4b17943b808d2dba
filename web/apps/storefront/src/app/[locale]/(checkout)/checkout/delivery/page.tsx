import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { DeliveryStep } from '@/features/checkout/components/delivery-step'
import { isLocale } from '@/i18n/locales'

export const ensureStatic = 'navigation'

type Props = PageProps<'/[locale]/checkout/delivery'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'checkout' })
  return { title: `${t('steps.delivery')} · ${t('title')}`, robots: { index: false, follow: false } }
}

export default async function Page({ params }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  return <DeliveryStep />
}
