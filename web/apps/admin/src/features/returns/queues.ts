import type { ReturnPlace } from '../../api/returns'

/** What somebody has to do something about comes first. */
export const queues = [
  { state: 'requested', label: 'To decide' },
  { state: 'approved', label: 'Expected' },
  { state: 'received', label: 'To refund or exchange' },
  { state: 'refunded', label: 'Refunded' },
  { state: '', label: 'All' },
] as const

/** Without a word about it, the list begins with what there is to decide; who searches, searches all. */
export function readPlace(query: URLSearchParams): ReturnPlace {
  const q = query.get('q') ?? ''
  return { state: query.get('state') ?? (q ? '' : 'requested'), q, cursor: query.get('cursor') ?? '' }
}

export function returnsHref({ state, q, cursor }: Partial<ReturnPlace>): string {
  const query = new URLSearchParams()
  if (state !== undefined && (state || !q)) query.set('state', state)
  if (q) query.set('q', q)
  if (cursor) query.set('cursor', cursor)
  const text = query.toString()
  return text ? `/returns?${text}` : '/returns'
}

export const returnHref = (id: string) => `/returns/${encodeURIComponent(id)}`
