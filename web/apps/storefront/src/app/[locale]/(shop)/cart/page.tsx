import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { CartPage } from '@/features/cart/components/cart-page'
import { isLocale } from '@/i18n/locales'
import { pageMetadata } from '@/lib/metadata'

export const ensureStatic = 'navigation'

type Props = PageProps<'/[locale]/cart'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'cart' })
  return pageMetadata({ locale, title: t('title'), pathIn: (other) => paths.cart(other), index: false })
}

export default async function Page({ params }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  const t = await getTranslations({ locale, namespace: 'cart' })
  return (
    <div className="container-page pt-8 lg:pt-12">
      <h1 className="headline mb-8 text-3xl lg:text-4xl">{t('title')}</h1>
      <noscript>
        <p className="mb-8 rounded-lg bg-muted px-6 py-5">
          <strong className="font-medium">{t('noScriptTitle')}.</strong> {t('noScriptText')}
        </p>
      </noscript>
      <CartPage />
    </div>
  )
}
