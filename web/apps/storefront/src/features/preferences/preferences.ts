'use client'
import { useSyncExternalStore } from 'react'
import { publicBuyer } from '@/config/cache'
import { PREFERENCES_COOKIE } from './cookie-name'

/** What the shopper chose to see: a currency and a country to deliver to. Kept in a cookie of this name. */
export type Preferences = { currency: string; country: string }
export { PREFERENCES_COOKIE }

const { currency, country } = publicBuyer('en')
export const defaultPreferences: Preferences = { currency, country }

const SHAPE = /^([A-Z]{3})\.([A-Z]{2})$/

export function parsePreferences(cookies: string): Preferences {
  const value = cookies
    .split(/;\s*/)
    .find((part) => part.startsWith(`${PREFERENCES_COOKIE}=`))
    ?.slice(PREFERENCES_COOKIE.length + 1)
  const match = SHAPE.exec(value ?? '')
  return match?.[1] && match[2] ? { currency: match[1], country: match[2] } : defaultPreferences
}

/** Is this shopper the one that cached pages are rendered for? */
export const isPublicBuyer = (preferences: Preferences): boolean =>
  preferences.currency === defaultPreferences.currency && preferences.country === defaultPreferences.country

let current: Preferences | undefined
const listeners = new Set<() => void>()

function snapshot(): Preferences {
  current ??= parsePreferences(document.cookie)
  return current
}

export function setPreferences(next: Preferences) {
  current = next
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser the shop serves
  document.cookie = `${PREFERENCES_COOKIE}=${next.currency}.${next.country}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`
  document.documentElement.dataset.currency = next.currency
  for (const listener of listeners) listener()
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    snapshot,
    () => defaultPreferences,
  )
}
