import {
  type ComponentProps,
  createContext,
  type MouseEvent,
  type ReactNode,
  type RefObject,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from 'react'

/** Where the application lies on the origin. Paths inside of it are written without. */
export const BASE = '/admin'

export type Place = { path: string; query: URLSearchParams; state: unknown; href: string }

type Guard = () => boolean

export type History = {
  place: () => Place
  go: (href: string, options?: { replace?: boolean; state?: unknown }) => void
  back: () => void
  subscribe: (listener: () => void) => () => void
  /** Asked before the place changes; false stays. Returns how to take it away. */
  guard: (guard: Guard) => () => void
}

/** "/orders?q=x" as a place; also understands addresses of other origins' forms, such as a missing slash. Exported for tests. */
export function placeOf(href: string, state: unknown = null): Place {
  const url = new URL(href, 'http://office')
  const path = url.pathname.replace(/\/+$/, '') || '/'
  return { path, query: url.searchParams, state, href: `${path}${url.search}` }
}

function history(
  read: () => Place,
  write: History['go'],
  back: () => void,
): History & { changed: () => void } {
  const listeners = new Set<() => void>()
  const guards = new Set<Guard>()
  let place = read()
  const changed = () => {
    place = read()
    for (const listener of listeners) listener()
  }
  return {
    place: () => place,
    go(href, options) {
      const leaves = placeOf(href).path !== place.path
      if (leaves && [...guards].some((guard) => !guard())) return
      write(href, options)
      changed()
    },
    back,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    guard(guard) {
      guards.add(guard)
      return () => guards.delete(guard)
    },
    changed,
  }
}

export function browserHistory(): History {
  const made = history(
    () =>
      placeOf(
        `${window.location.pathname.slice(BASE.length) || '/'}${window.location.search}`,
        window.history.state,
      ),
    (href, options) => {
      const full = `${BASE}${href}`
      if (options?.replace) window.history.replaceState(options.state ?? null, '', full)
      else window.history.pushState(options?.state ?? null, '', full)
    },
    () => window.history.back(),
  )
  window.addEventListener('popstate', made.changed)
  return made
}

/** Without a browser: for tests. */
export function memoryHistory(href: string): History {
  let places = [placeOf(href)]
  const current = () => places.at(-1) ?? placeOf('/')
  const made: ReturnType<typeof history> = history(
    current,
    (next, options) => {
      const place = placeOf(next, options?.state)
      places = options?.replace ? [...places.slice(0, -1), place] : [...places, place]
    },
    () => {
      places = places.slice(0, -1)
      made.changed()
    },
  )
  return made
}

const HistoryContext = createContext<History | null>(null)

export function Router({ history, children }: { history: History; children: ReactNode }) {
  return <HistoryContext value={history}>{children}</HistoryContext>
}

export function useHistory(): History {
  const found = useContext(HistoryContext)
  if (!found) throw new Error('There is no Router above')
  return found
}

export function usePlace(): Place {
  const found = useHistory()
  return useSyncExternalStore(found.subscribe, found.place, found.place)
}

/** The members of a path like "/r/:resource/:id", or nothing when it is another one. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const have = path.split('/')
  if (wanted.length !== have.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const value = have[index] ?? ''
    if (part.startsWith(':')) {
      if (!value) return null
      try {
        params[part.slice(1)] = decodeURIComponent(value)
      } catch {
        return null
      }
    } else if (part !== value) return null
  }
  return params
}

export function Link({ href, onClick, ...props }: ComponentProps<'a'> & { href: string }) {
  const found = useHistory()
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    found.go(href)
  }
  return <a {...props} href={`${BASE}${href}`} onClick={follow} />
}

/**
 * While `dirty`, leaving asks first: inside the application and when the page is closed. `leaving` says at the moment of going
 * that nothing is lost by it: what was just saved is not shown as saved before the page is left.
 */
export function useUnsaved(dirty: boolean, question: string, leaving?: RefObject<boolean>) {
  const found = useHistory()
  useEffect(() => {
    if (!dirty) return
    const take = found.guard(() => leaving?.current === true || window.confirm(question))
    const closing = (event: BeforeUnloadEvent) => {
      if (!leaving?.current) event.preventDefault()
    }
    window.addEventListener('beforeunload', closing)
    return () => {
      take()
      window.removeEventListener('beforeunload', closing)
    }
  }, [dirty, question, found, leaving])
}

export type Route = { pattern: string; render: (params: Record<string, string>) => ReactNode }

export function Routes({ routes, otherwise }: { routes: readonly Route[]; otherwise: ReactNode }) {
  const { path } = usePlace()
  return useMemo(() => {
    for (const route of routes) {
      const params = matchPath(route.pattern, path)
      if (params) return route.render(params)
    }
    return otherwise
  }, [routes, otherwise, path])
}
