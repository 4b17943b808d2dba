import { buttonVariants, EmptyState } from '@stoa/ui'
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { isLocale } from '@/i18n/locales'
import { pageMetadata } from '@/lib/metadata'

export const ensureStatic = 'navigation'

type Props = PageProps<'/[locale]/cart/problem'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'cart' })
  return pageMetadata({
    locale,
    title: t('title'),
    pathIn: (other) => paths.cartProblem(other),
    index: false,
  })
}

/** Where a form that was posted without JavaScript ends when the API did not take it. */
export default async function Page({ params }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  const [t, errors, common] = await Promise.all([
    getTranslations({ locale, namespace: 'cart' }),
    getTranslations({ locale, namespace: 'errors' }),
    getTranslations({ locale, namespace: 'common' }),
  ])
  return (
    <div className="container-page">
      <EmptyState
        level={1}
        title={t('problem')}
        action={
          <Link href={paths.home(locale)} className={buttonVariants()}>
            {common('continueShopping')}
          </Link>
        }
      >
        {errors('unavailable')}
      </EmptyState>
    </div>
  )
}
