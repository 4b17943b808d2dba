import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { localisePath, paths } from '@/config/paths'
import { getListing } from '@/features/catalog/api/get-listing'
import { filtersToSearch, noFilters, parseFilters } from '@/features/catalog/filters'
import { GoTo } from '@/features/search/components/go-to'
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
  const cached = filters.q
    ? ((await getListing({}, filters, locale)) ??
      (await getListing({}, { ...noFilters, q: filters.q }, locale)))
    : null
  const goTo = cached?.listing.redirect
  if (goTo?.startsWith('/')) return <GoTo path={localisePath(locale, goTo)} />
  return <SearchPage filters={filters} cached={cached} search={filtersToSearch(filters)} locale={locale} />
}
