import 'server-only'
import {
  ApiError,
  type Category,
  type Client,
  type Collection,
  createClient,
  type InputOf,
  isNotFound,
  type Locale,
  type ResponseOf,
  type RouteKey,
} from '@stoa/api-client'
import { cookies } from 'next/headers'
import { cache } from 'react'
import { isSlug } from '@/config/cache'
import { env } from '@/config/env'
import type { CachedListing } from '@/features/catalog/api/get-listing'
import {
  askForListing,
  type Filters,
  filtersFromSearch,
  filtersToSearch,
  type ListingScope,
  listingQuery,
} from '@/features/catalog/filters'
import { slimCards } from '@/features/catalog/slim'
import { getHome } from '@/features/home/api/get-home'
import type { CachedProduct } from '@/features/product/api/get-product'
import { getStore } from '@/features/shell/api/get-store'
import { serverApi } from '@/lib/api-server'
import { asked, publicViewer, type Viewer, viewerFrom } from '../viewer'

// Pages of a buyer with prices of their own are rendered for each request. Nothing here is cached beyond that request:
// `cache` is React's, which forgets with it.

type OwnRead =
  | 'GET /catalog/listing'
  | 'GET /catalog/products/{slug}'
  | 'GET /catalog/categories/{slug}'
  | 'GET /catalog/collections/{slug}'

const SESSION_COOKIES = ['__Host-stoa_session', 'stoa_session']

const asBuyer = cache(async (): Promise<Client> => {
  const jar = await cookies()
  const session = SESSION_COOKIES.flatMap((name) => {
    const value = jar.get(name)?.value
    return value ? [`${name}=${value}`] : []
  })
  return createClient({
    origin: env().apiOrigin,
    headers: session.length > 0 ? { cookie: session.join('; ') } : {},
    fetch: (input, init) => fetch(input, { ...init, cache: 'no-store', signal: AbortSignal.timeout(5000) }),
  })
})

/** Who asks for this page, as far as cookies tell. */
export const ownViewer = cache(async (locale: Locale): Promise<Viewer> => {
  const [jar, store] = await Promise.all([cookies(), getStore(locale)])
  const viewer = viewerFrom((name) => jar.get(name)?.value)
  return store.currencies.includes(viewer.currency)
    ? viewer
    : { ...publicViewer, ...(viewer.buyer ? { buyer: viewer.buyer } : {}) }
})

/** An answer, and for whom it is: for the public when the session is over although the mark is still there. */
async function readOwn<K extends OwnRead>(
  locale: Locale,
  route: K,
  input: InputOf<K>,
): Promise<{ answer: ResponseOf<K>; viewer: Viewer }> {
  const viewer = await ownViewer(locale)
  const full = { ...input, query: { ...(input as { query?: object }).query, locale, ...asked(viewer) } }
  const call = (client: Client, key: RouteKey) =>
    (client as (key: RouteKey, input: unknown) => Promise<unknown>)(key, full) as Promise<ResponseOf<K>>
  if (viewer.buyer) {
    try {
      const own = route.replace('GET /catalog', 'GET /account/catalog') as RouteKey
      return { answer: await call(await asBuyer(), own), viewer }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error
    }
  }
  const { buyer: _over, ...everybody } = viewer
  return { answer: await call(serverApi(), route), viewer: everybody }
}

const orNull = async <T>(found: Promise<T>): Promise<T | null> => {
  try {
    return await found
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

export const getOwnProduct = cache(async (slug: string, locale: Locale): Promise<CachedProduct | null> => {
  if (!isSlug(slug)) return null
  const found = await orNull(readOwn(locale, 'GET /catalog/products/{slug}', { path: { slug }, query: {} }))
  if (!found) return null
  const { answer: product, viewer } = found
  return {
    product: {
      ...product,
      related: slimCards(product.related, 0),
      bought_together: slimCards(product.bought_together, 0),
    },
    at: Date.now(),
    viewer,
  }
})

export const getOwnCategory = cache(async (slug: string, locale: Locale): Promise<Category | null> => {
  if (!isSlug(slug)) return null
  const found = await orNull(readOwn(locale, 'GET /catalog/categories/{slug}', { path: { slug }, query: {} }))
  return found?.answer ?? null
})

export const getOwnCollection = cache(async (slug: string, locale: Locale): Promise<Collection | null> => {
  if (!isSlug(slug)) return null
  const found = await orNull(
    readOwn(locale, 'GET /catalog/collections/{slug}', { path: { slug }, query: {} }),
  )
  return found?.answer ?? null
})

/** Null when the API refuses these filters. */
export async function getOwnListing(
  scope: ListingScope,
  filters: Filters,
  locale: Locale,
): Promise<CachedListing | null> {
  try {
    // In the one spelling that the browser has for them, too.
    const spelled = filtersFromSearch(filtersToSearch(filters))
    const { answer, viewer } = await askForListing(spelled, (accepted) =>
      readOwn(locale, 'GET /catalog/listing', { query: listingQuery(scope, accepted, {}) }),
    )
    return { listing: { ...answer, items: slimCards(answer.items) }, at: Date.now(), viewer }
  } catch (error) {
    if (error instanceof ApiError && (error.status === 400 || error.status === 422 || error.status === 404))
      return null
    throw error
  }
}

/** The home page's words are everybody's, its rows of products are not. */
export async function getOwnHome(locale: Locale) {
  const [home, viewer] = await Promise.all([getHome(locale), ownViewer(locale)])
  if (viewer.buyer) {
    try {
      const client = await asBuyer()
      const rails = await client('GET /account/catalog/home', { query: { locale, ...asked(viewer) } })
      return {
        home: {
          ...home,
          new_arrivals: slimCards(rails.new_arrivals, 0),
          best_sellers: slimCards(rails.best_sellers, 0),
        },
        viewer,
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error
    }
  }
  return { home, viewer: publicViewer }
}
