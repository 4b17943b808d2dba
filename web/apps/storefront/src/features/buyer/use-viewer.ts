'use client'
import { useSyncExternalStore } from 'react'
import { usePreferences } from '@/features/preferences/preferences'
import { BUYER_COOKIE } from './cookie-name'
import { cookieIn, publicViewer, type Viewer, viewerFrom } from './viewer'

let known: Viewer['buyer'] | null = null
const listeners = new Set<() => void>()

const read = (): Viewer['buyer'] =>
  viewerFrom((name) => (name === BUYER_COOKIE ? cookieIn(document.cookie, name) : undefined)).buyer

function snapshot(): Viewer['buyer'] {
  if (known === null) known = read()
  return known
}

function subscribe(listener: () => void) {
  // Another tab may have signed in or out meanwhile.
  if (listeners.size === 0) window.addEventListener('focus', noteBuyer)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) window.removeEventListener('focus', noteBuyer)
  }
}

/** Looks at the cookie again: after every answer that may have changed it. True when it did. */
export function noteBuyer(): boolean {
  const before = snapshot()
  known = read()
  if (known === before) return false
  // Prices of the one before stay hidden until those of the one now are here; see the layout.
  if (known) document.documentElement.dataset.buyer = known
  else delete document.documentElement.dataset.buyer
  for (const listener of listeners) listener()
  return true
}

/** The session is over although the cookie is still there. */
export function forgetBuyer() {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser the shop serves
  document.cookie = `${BUYER_COOKIE}=; Path=/; Max-Age=0; SameSite=Lax`
  noteBuyer()
}

/** Who looks at the page. While it comes to life, the one that it was rendered for. */
export function useViewer(rendered: Viewer = publicViewer): Viewer {
  const preferences = usePreferences(rendered)
  const buyer = useSyncExternalStore(subscribe, snapshot, () => rendered.buyer)
  return buyer ? { ...preferences, buyer } : preferences
}
