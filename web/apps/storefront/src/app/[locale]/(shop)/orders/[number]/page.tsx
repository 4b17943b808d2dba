import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { AccountMessages } from '@/features/account/components/account-messages'
import { OrderPage } from '@/features/account/components/order-page'
import { isLocale } from '@/i18n/locales'

/** Rendered on request: what it shows is fetched by the browser, and a cache would keep one page per number. */
export const instant = false

const NUMBER = /^[A-Za-z0-9-]{1,40}$/

type Props = PageProps<'/[locale]/orders/[number]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, number } = await params
  if (!isLocale(locale) || !NUMBER.test(number)) return {}
  const t = await getTranslations({ locale, namespace: 'account' })
  return { title: t('orders.number', { number }), robots: { index: false, follow: false } }
}

export default async function Page({ params }: Props) {
  const { locale, number } = await params
  if (!isLocale(locale) || !NUMBER.test(number)) notFound()
  return (
    <AccountMessages locale={locale}>
      <div className="container-page pt-8 lg:pt-12">
        <OrderPage number={number} guest />
      </div>
    </AccountMessages>
  )
}
