import type { Locale } from '@stoa/api-client'

/** Every cache tag that pages carry and that the change feed may name. */
export const tags = {
  product: (id: string) => `product:${id}`,
  category: (id: string) => `category:${id}`,
  listing: 'listing',
  content: (slug: string) => `content:${slug}`,
  menus: 'menus',
  store: 'store',
  home: 'home',
} as const

const KNOWN = /^(?:(?:product|category|content|collection):[a-z0-9_-]{1,120}|listing|menus|store|home)$/
export const isKnownTag = (tag: unknown): tag is string => typeof tag === 'string' && KNOWN.test(tag)

/** Slugs are checked before anything is asked or cached for them. */
export const isSlug = (value: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,118}[a-z0-9])?$/.test(value)

/** Public pages are rendered for this buyer; others see their own prices as soon as the page is live. */
export const publicBuyer = (locale: Locale) => ({ locale, currency: 'EUR', country: 'DE' }) as const
