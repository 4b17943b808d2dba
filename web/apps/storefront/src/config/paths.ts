import type { Locale } from '@stoa/api-client'
import { BUYER_COOKIE } from '../features/buyer/cookie-name'

/**
 * Every address of the shop. Folders under app/[locale] carry the English words; the public ones are shown in the
 * shopper's language by rewrites, and the English form redirects there. Private pages stay as they are.
 */
const SEGMENTS = {
  products: { en: 'products', de: 'produkte', nl: 'producten', fr: 'produits' },
  collections: { en: 'collections', de: 'kollektionen', nl: 'collecties', fr: 'selections' },
  search: { en: 'search', de: 'suche', nl: 'zoeken', fr: 'recherche' },
  stories: { en: 'stories', de: 'geschichten', nl: 'verhalen', fr: 'histoires' },
} as const satisfies Record<string, Record<Locale, string>>
type Segment = keyof typeof SEGMENTS

const LOCALES = ['en', 'de', 'nl', 'fr'] as const satisfies readonly Locale[]

const isSegment = (value: string): value is Segment => Object.hasOwn(SEGMENTS, value)

/** "/products/kyoto" to "/de/produkte/kyoto". Leaves alone what is already absolute. */
export function localisePath(locale: Locale, href: string): string {
  if (!href.startsWith('/') || href.startsWith('//')) return href
  const [, first = '', rest = ''] = /^\/([^/?#]*)(.*)$/.exec(href) ?? []
  if (first === '') return `/${locale}${rest}`
  if ((LOCALES as readonly string[]).includes(first)) return href
  return `/${locale}/${isSegment(first) ? SEGMENTS[first][locale] : first}${rest}`
}

/** The same page in another language, as far as the address alone can tell. Slugs are not translated here. */
export function switchLocale(pathname: string, to: Locale): string {
  const [, from = '', word = '', rest = ''] = /^\/([^/]+)(?:\/([^/]+))?(.*)$/.exec(pathname) ?? []
  const entry = Object.entries(SEGMENTS).find(([, names]) => names[from as Locale] === word)
  const translated = entry ? entry[1][to] : word
  return `/${to}${translated ? `/${translated}` : ''}${rest}`
}

const at = (locale: Locale, ...parts: string[]) =>
  localisePath(locale, `/${parts.map((part) => encodeURIComponent(part)).join('/')}`)

export const paths = {
  home: (locale: Locale) => `/${locale}`,
  category: (locale: Locale, slug: string) => at(locale, 'c', slug),
  collection: (locale: Locale, slug: string) => at(locale, 'collections', slug),
  product: (locale: Locale, slug: string, options?: Record<string, string>) => {
    const query = options ? new URLSearchParams(options).toString() : ''
    return at(locale, 'products', slug) + (query ? `?${query}` : '')
  },
  search: (locale: Locale, q?: string) =>
    at(locale, 'search') + (q ? `?${new URLSearchParams({ q }).toString()}` : ''),
  page: (locale: Locale, slug: string) => at(locale, 'p', slug),
  stories: (locale: Locale) => at(locale, 'stories'),
  story: (locale: Locale, slug: string) => at(locale, 'stories', slug),
  faq: (locale: Locale) => at(locale, 'faq'),
  cart: (locale: Locale) => at(locale, 'cart'),
  checkout: (locale: Locale, step?: string) => (step ? at(locale, 'checkout', step) : at(locale, 'checkout')),
  account: (locale: Locale, ...rest: string[]) => at(locale, 'account', ...rest),
  /** `next` is where to go once signed in: an address of this shop. */
  login: (locale: Locale, next?: string) =>
    at(locale, 'login') + (next ? `?${new URLSearchParams({ next }).toString()}` : ''),
  register: (locale: Locale) => at(locale, 'register'),
  forgotPassword: (locale: Locale) => at(locale, 'account', 'forgot'),
  /** The page behind the link in the mail; `token` opens it without an account. */
  order: (locale: Locale, number: string, token?: string) =>
    at(locale, 'orders', number) + (token ? `?${new URLSearchParams({ token }).toString()}` : ''),
  /** Where what became due on an order is paid, with the token of a link to the order. */
  pay: (locale: Locale, token: string) => `${at(locale, 'pay')}?${new URLSearchParams({ token }).toString()}`,
  /** Where a browser without JavaScript learns that nothing went into the cart. */
  cartProblem: (locale: Locale) => at(locale, 'cart', 'problem'),
  /** Takes the form post of "add to cart" when there is no JavaScript. */
  addToCartAction: () => '/actions/add-to-cart',
} as const

const translated = () =>
  Object.entries(SEGMENTS).flatMap(([segment, names]) =>
    LOCALES.filter((locale) => names[locale] !== segment).map((locale) => ({
      from: `/${locale}/${names[locale]}`,
      to: `/${locale}/${segment}`,
    })),
  )

/** Filters in the query select the listing that is rendered on request; the bare address stays a static page. */
const FILTER_KEYS = ['f', 'price', 'price_min', 'price_max', 'available', 'sort', 'cursor']
const LISTINGS = [
  { folder: 'c', target: 'c' },
  { folder: 'collections', target: 'collections' },
]

/**
 * What a buyer with prices of their own asks for is rendered for each request, in the folder `own`: the mark of such a
 * buyer, a cookie that the API sets, selects it. Everybody else's pages stay static.
 */
function ownRewrites() {
  const has = [{ type: 'cookie' as const, key: BUYER_COOKIE, value: '(?<mark>[0-9a-f]{16})' }]
  const locale = `:locale(${LOCALES.join('|')})`
  const words = (segment: Segment) => [...new Set(Object.values(SEGMENTS[segment]))]
  const listed = (word: string, folder: string) => ({
    source: `/${locale}/${word}/:slug([a-z0-9-]+)`,
    has,
    destination: `/:locale/own/${folder}/:slug`,
  })
  return [
    { source: `/${locale}`, has, destination: '/:locale/own' },
    listed('c', 'c'),
    ...words('collections').map((word) => listed(word, 'collections')),
    ...words('products').map((word) => listed(word, 'products')),
    ...words('search').map((word) => ({
      source: `/${locale}/${word}`,
      has,
      destination: '/:locale/own/search',
    })),
  ]
}

export function pathRewrites() {
  const names = (folder: string) => (isSegment(folder) ? Object.values(SEGMENTS[folder]) : [folder])
  const filtered = LISTINGS.flatMap(({ folder, target }) =>
    [...new Set(names(folder))].flatMap((word) =>
      FILTER_KEYS.map((key) => ({
        source: `/:locale(${LOCALES.join('|')})/${word}/:slug([a-z0-9-]+)`,
        has: [{ type: 'query' as const, key }],
        destination: `/:locale/${target}/:slug/filtered`,
      })),
    ),
  )
  const words = translated().flatMap(({ from, to }) => [
    { source: from, destination: to },
    { source: `${from}/:path*`, destination: `${to}/:path*` },
  ])
  return [...ownRewrites(), ...filtered, ...words]
}

export function pathRedirects() {
  // The answers are a page of their own kind; menus may name them like any other page.
  const faq = { source: `/:locale(${LOCALES.join('|')})/p/faq`, destination: '/:locale/faq', permanent: true }
  return [
    faq,
    ...translated().flatMap(({ from, to }) => [
      { source: to, destination: from, permanent: true },
      { source: `${to}/:path*`, destination: `${from}/:path*`, permanent: true },
    ]),
  ]
}
