'use client'
import { useSyncExternalStore } from 'react'
import { cookieIn, publicViewer, viewerFrom } from '@/features/buyer/viewer'
import { PREFERENCES_COOKIE } from './cookie-name'

/** What the shopper chose to see: a currency and a country to deliver to. Kept in a cookie of this name. */
export type Preferences = { currency: string; country: string }
export { PREFERENCES_COOKIE }

export const defaultPreferences: Preferences = publicViewer

const parsePreferences = (cookies: string): Preferences =>
  viewerFrom((name) => (name === PREFERENCES_COOKIE ? cookieIn(cookies, name) : undefined))

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

/** While the page comes to life, those that it was rendered for. */
export function usePreferences(rendered: Preferences = defaultPreferences): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    snapshot,
    () => rendered,
  )
}
