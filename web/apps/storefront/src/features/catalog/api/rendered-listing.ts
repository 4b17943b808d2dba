import 'server-only'
import type { Locale } from '@stoa/api-client'
import { filtersToSearch, type ListingScope, noFilters, parseFilters } from '../filters'
import type { CachedListing, getListing } from './get-listing'

/**
 * What a page with filters in its address shows: the listing, and the filters as the address spells them. Filters that the shop does
 * not know are shown as chosen, so that they can be taken away, and filter nothing: reading has left them out, or all of them where the
 * shop does not say which. Null when there is no such listing at all.
 */
export async function renderedListing(
  read: typeof getListing,
  scope: ListingScope,
  query: Parameters<typeof parseFilters>[0],
  locale: Locale,
): Promise<{ cached: CachedListing; search: string } | null> {
  const filters = { ...parseFilters(query), q: undefined }
  const cached = (await read(scope, filters, locale)) ?? (await read(scope, noFilters, locale))
  return cached && { cached, search: filtersToSearch(filters) }
}
