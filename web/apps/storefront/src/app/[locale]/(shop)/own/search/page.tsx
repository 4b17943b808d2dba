import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getOwnListing } from '@/features/buyer/api/own-catalogue'
import { SearchRoute, searchMetadata } from '@/features/search/components/search-route'
import { isLocale } from '@/i18n/locales'

/** For a buyer with prices of their own, at the address of the page that everybody has (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/own/search'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  return isLocale(locale) ? searchMetadata(locale) : {}
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  return <SearchRoute read={getOwnListing} query={query} locale={locale} />
}
