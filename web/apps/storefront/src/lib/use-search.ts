'use client'
import { useCallback, useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()

function subscribe(listener: () => void) {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}

/**
 * The query of the address, and a way to change it without asking the server for a page. While a cached page comes to
 * life it has the query it was rendered for; `useSearchParams` would empty such a page until then.
 */
export function useSearch(rendered: string): [string, (next: string, how?: 'push' | 'replace') => void] {
  const search = useSyncExternalStore(
    subscribe,
    () => window.location.search,
    () => rendered,
  )
  const set = useCallback((next: string, how: 'push' | 'replace' = 'push') => {
    const url = window.location.pathname + next
    if (how === 'push') window.history.pushState(null, '', url)
    else window.history.replaceState(null, '', url)
    for (const listener of listeners) listener()
  }, [])
  return [search, set]
}
