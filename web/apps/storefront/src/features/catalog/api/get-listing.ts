import 'server-only'
import type { Listing, Locale } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { publicBuyer, tags } from '@/config/cache'
import { serverApi } from '@/lib/api-server'
import { type Filters, filtersFromSearch, filtersToSearch, type ListingScope, listingQuery } from '../filters'

/** `at` tells the browser how old the answer is. */
export type CachedListing = { listing: Listing; at: number }

/** Cached under the one spelling of its filters, so that the order in an address does not matter. */
async function cachedListing(scope: ListingScope, search: string, locale: Locale): Promise<CachedListing> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.listing)
  const listing = await serverApi()('GET /catalog/listing', {
    query: listingQuery(scope, filtersFromSearch(search), publicBuyer(locale)),
  })
  return { listing, at: Date.now() }
}

export const getListing = (scope: ListingScope, filters: Filters, locale: Locale): Promise<CachedListing> =>
  cachedListing(scope, filtersToSearch(filters), locale)
