import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { localisePath, paths } from '@/config/paths'
import { getListing } from '@/features/catalog/api/get-listing'
import { countFilters, filtersToSearch, parseFilters } from '@/features/catalog/filters'
import { SearchPage } from '@/features/search/components/search-page'
import { isLocale } from '@/i18n/locales'
import { pageMetadata } from '@/lib/metadata'

export const instant = false

type Props = PageProps<'/[locale]/search'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'search' })
  return pageMetadata({ locale, title: t('title'), pathIn: (other) => paths.search(other), index: false })
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  const filters = parseFilters(query)
  const cached = filters.q ? await getListing({}, filters, locale) : undefined
  if (cached === null) redirect(paths.search(locale, countFilters(filters) > 0 ? filters.q : undefined))
  const goTo = cached?.listing.redirect
  if (goTo?.startsWith('/')) redirect(localisePath(locale, goTo))
  return <SearchPage filters={filters} cached={cached} search={filtersToSearch(filters)} locale={locale} />
}
