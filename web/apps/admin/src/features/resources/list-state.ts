/** What a list shows, as its address says it: "?q=oak&filter[state]=paid&sort=-created_at". */
export type ListState = {
  q: string
  filters: Record<string, string>
  sort: string
  cursor: string
  view: string
}

const FILTER = /^filter\[(.+)\]$/

export function readList(query: URLSearchParams): ListState {
  const filters: Record<string, string> = {}
  for (const [name, value] of query) {
    const filter = FILTER.exec(name)?.[1]
    if (filter && value !== '') filters[filter] = value
  }
  return {
    q: query.get('q') ?? '',
    filters,
    sort: query.get('sort') ?? '',
    cursor: query.get('cursor') ?? '',
    view: query.get('view') ?? '',
  }
}

function write(state: Partial<ListState>): URLSearchParams {
  const query = new URLSearchParams()
  if (state.q) query.set('q', state.q)
  for (const name of Object.keys(state.filters ?? {}).sort()) {
    const value = state.filters?.[name]
    if (value) query.set(`filter[${name}]`, value)
  }
  if (state.sort) query.set('sort', state.sort)
  return query
}

/** For the address: readable, and always in the same order, so that two of them can be compared. */
export function addressOf(state: ListState): string {
  const query = write(state)
  if (state.view) query.set('view', state.view)
  if (state.cursor) query.set('cursor', state.cursor)
  const text = query.toString()
  return text ? `?${text}` : ''
}

/** For the API: without what only the page knows. */
export function queryOf(state: ListState, limit?: number): URLSearchParams {
  const query = write(state)
  if (state.cursor) query.set('cursor', state.cursor)
  if (limit) query.set('limit', String(limit))
  return query
}

/** What a saved view keeps: everything but the page one is on. */
export const savedOf = (state: Pick<ListState, 'q' | 'filters' | 'sort'>): string => write(state).toString()

/** Another order or other filters begin at the first page again. */
export const changed = (state: ListState, change: Partial<ListState>): ListState => ({
  ...state,
  cursor: '',
  ...change,
})

/** Ascending, descending, and as the server likes it. */
export function nextSort(sort: string, column: string): string {
  if (sort === column) return `-${column}`
  return sort === `-${column}` ? '' : column
}
