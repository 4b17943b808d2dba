import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getListing } from '@/features/catalog/api/get-listing'
import { SearchRoute, searchMetadata } from '@/features/search/components/search-route'
import { isLocale } from '@/i18n/locales'

export const instant = false

type Props = PageProps<'/[locale]/search'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  return isLocale(locale) ? searchMetadata(locale) : {}
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  return <SearchRoute read={getListing} query={query} locale={locale} />
}
