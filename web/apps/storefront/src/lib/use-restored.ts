'use client'
import { useEffect } from 'react'

/**
 * Calls back when the browser shows this page again as it was left, from its back/forward cache: what it was doing then is long over.
 * `then` keeps its identity while it does the same.
 */
export function useRestored(then: () => void) {
  useEffect(() => onRestored(window, then), [then])
}

/** Exported for tests. */
export function onRestored(page: EventTarget, then: () => void): () => void {
  const shown = (event: Event) => {
    if ((event as PageTransitionEvent).persisted) then()
  }
  page.addEventListener('pageshow', shown)
  return () => page.removeEventListener('pageshow', shown)
}
