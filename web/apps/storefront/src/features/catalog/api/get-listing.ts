import 'server-only'
import { ApiError, type Listing, type Locale } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { publicBuyer, tags } from '@/config/cache'
import { publicViewer, type Viewer } from '@/features/buyer/viewer'
import { serverApi } from '@/lib/api-server'
import {
  askForListing,
  type Filters,
  filtersFromSearch,
  filtersToSearch,
  type ListingScope,
  listingQuery,
} from '../filters'
import { slimCards } from '../slim'

/** `at` tells the browser how old the answer is, `viewer` for whom it is. */
export type CachedListing = { listing: Listing; at: number; viewer: Viewer }

/** Cached under the one spelling of its filters, so that the order in an address does not matter. */
async function cachedListing(
  scope: ListingScope,
  search: string,
  locale: Locale,
): Promise<CachedListing | null> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.listing)
  try {
    const listing = await askForListing(filtersFromSearch(search), (filters) =>
      serverApi()('GET /catalog/listing', { query: listingQuery(scope, filters, publicBuyer(locale)) }),
    )
    return { listing: { ...listing, items: slimCards(listing.items) }, at: Date.now(), viewer: publicViewer }
  } catch (error) {
    // No such list, or one that is asked for in a way nobody understands.
    if (error instanceof ApiError && (error.status === 400 || error.status === 422 || error.status === 404))
      return null
    throw error
  }
}

/** Null when the API refuses these filters. */
export const getListing = (
  scope: ListingScope,
  filters: Filters,
  locale: Locale,
): Promise<CachedListing | null> => cachedListing(scope, filtersToSearch(filters), locale)
