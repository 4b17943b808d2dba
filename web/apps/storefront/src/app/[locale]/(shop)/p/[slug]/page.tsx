import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { ContentRoute, contentMetadata } from '@/features/content/components/content-route'
import { isLocale } from '@/i18n/locales'

export const ensureStatic = 'navigation'

/** Texts are rendered on their first visit; the build must name one. */
export function generateStaticParams() {
  return [{ slug: '-' }]
}

type Props = PageProps<'/[locale]/p/[slug]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  return isLocale(locale) ? contentMetadata('page', slug, locale) : {}
}

export default async function Page({ params }: Props) {
  const { locale, slug } = await params
  if (!isLocale(locale)) notFound()
  return <ContentRoute kind="page" slug={slug} locale={locale} />
}
