export type Queue = { state: string; label: string }

/** What waits for somebody comes first. */
export const queues: Queue[] = [
  { state: 'confirmed', label: 'To do' },
  { state: 'processing', label: 'In work' },
  { state: 'waiting', label: 'Waiting for goods' },
  { state: 'arrived', label: 'Goods arrived' },
  { state: 'shipped', label: 'On the way' },
  { state: 'trouble', label: 'Parcels in trouble' },
  { state: 'pending_payment', label: 'Waiting for payment' },
  { state: '', label: 'All' },
]

export type DeskPlace = { state: string; q: string; tag: string; cursor: string }

/** The desk of an address. Without a word about it, the desk begins with what there is to do; who searches, searches all. */
export function readDesk(query: URLSearchParams): DeskPlace {
  const q = query.get('q') ?? ''
  const tag = query.get('tag') ?? ''
  const found = query.get('state') ?? query.get('filter[state]')
  return { state: found ?? (q || tag ? '' : 'confirmed'), q, tag, cursor: query.get('cursor') ?? '' }
}

export function deskHref({ state, q, tag, cursor }: Partial<DeskPlace>): string {
  const query = new URLSearchParams()
  if (state !== undefined && (state || !(q || tag))) query.set('state', state)
  if (q) query.set('q', q)
  if (tag) query.set('tag', tag)
  if (cursor) query.set('cursor', cursor)
  const text = query.toString()
  return text ? `/orders?${text}` : '/orders'
}
