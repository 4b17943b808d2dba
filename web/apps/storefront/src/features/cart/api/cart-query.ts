'use client'
import type { Cart, Locale } from '@stoa/api-client'
import { queryOptions } from '@tanstack/react-query'
import { api } from '@/lib/api'

export const cartKey = ['cart'] as const

/** A cart that was filled in another language follows the page, so that its goods are named in it. */
async function cartIn(locale: Locale, signal: AbortSignal): Promise<Cart> {
  const cart = await api('GET /cart', { query: { locale } }, { signal })
  return cart.version > 0 && cart.locale !== locale
    ? api('PATCH /cart', { body: { locale } }, { signal })
    : cart
}

export const cartQuery = (locale: Locale) =>
  queryOptions({ queryKey: cartKey, queryFn: ({ signal }) => cartIn(locale, signal) })
