import 'server-only'
import type { Locale } from '@stoa/api-client'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { localisePath, paths } from '@/config/paths'
import type { getListing } from '@/features/catalog/api/get-listing'
import { filtersToSearch, noFilters, parseFilters } from '@/features/catalog/filters'
import { pageMetadata } from '@/lib/metadata'
import { GoTo } from './go-to'
import { SearchPage } from './search-page'

export async function searchMetadata(locale: Locale): Promise<Metadata> {
  const t = await getTranslations({ locale, namespace: 'search' })
  return pageMetadata({ locale, title: t('title'), pathIn: (other) => paths.search(other), index: false })
}

/** What a search finds, read for everybody or for one buyer, or the page that the shop has for these words. */
export async function SearchRoute({
  read,
  query,
  locale,
}: {
  read: typeof getListing
  query: Parameters<typeof parseFilters>[0]
  locale: Locale
}) {
  const filters = parseFilters(query)
  const cached = filters.q
    ? ((await read({}, filters, locale)) ?? (await read({}, { ...noFilters, q: filters.q }, locale)))
    : null
  const goTo = cached?.listing.redirect
  if (goTo?.startsWith('/')) return <GoTo path={localisePath(locale, goTo)} />
  return <SearchPage filters={filters} cached={cached} search={filtersToSearch(filters)} locale={locale} />
}
