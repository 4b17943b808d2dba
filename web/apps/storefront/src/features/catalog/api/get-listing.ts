import 'server-only'
import type { Listing, Locale } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { publicBuyer, tags } from '@/config/cache'
import { serverApi } from '@/lib/api-server'
import { type Filters, filtersFromSearch, filtersToSearch, type ListingScope, listingQuery } from '../filters'

/** Cached under the one spelling of its filters, so that the order in an address does not matter. */
async function cachedListing(scope: ListingScope, search: string, locale: Locale): Promise<Listing> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.listing)
  return serverApi()('GET /catalog/listing', {
    query: listingQuery(scope, filtersFromSearch(search), publicBuyer(locale)),
  })
}

export const getListing = (scope: ListingScope, filters: Filters, locale: Locale): Promise<Listing> =>
  cachedListing(scope, filtersToSearch(filters), locale)
