import { ApiError, type Facet, type FieldError, type ListingQuery, type PublicQuery } from '@stoa/api-client'

/**
 * What a listing shows, as it stands in the address:
 *   ?f=colour:oak,white&f=width:40..80&price=1000..50000&available=1&sort=price_asc&cursor=...
 * A plain form can write it too: check boxes are called "f" and hold "colour:oak", and several of one attribute add up.
 */
export type Filters = {
  /** Attribute code to chosen values, or to one "min..max". */
  attributes: Record<string, string[]>
  price: string | undefined
  available: boolean
  sort: string | undefined
  cursor: string | undefined
  q: string | undefined
}

export const noFilters: Filters = {
  attributes: {},
  price: undefined,
  available: false,
  sort: undefined,
  cursor: undefined,
  q: undefined,
}

const CODE = /^[a-z0-9_-]{1,64}$/
const RANGE = /^\d{0,12}\.\.\d{0,12}$/
const VALUE = /^[^,\s][^,]{0,99}$/

type SearchParams = Record<string, string | string[] | undefined>
const all = (value: string | string[] | undefined) =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]
const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)

export const isRange = (value: string) => RANGE.test(value) && value !== '..'

/** An amount as people of any language type it: "99", "99.50", "99,50", "1.299,50". */
export function amountOf(text: string): number | undefined {
  const [, whole, part = '0'] =
    /^(\d{1,3}(?:[.,' ]\d{3}){1,2}|\d{1,9})(?:[.,](\d{0,2}))?$/.exec(text.trim()) ?? []
  return whole === undefined ? undefined : Number(`${whole.replace(/\D/g, '')}.${part}`)
}

/** "10..", "..50" and "10..50" are ranges; two fields of a plain form, price_min and price_max, make one too. */
function range(whole: string | undefined, min: string | undefined, max: string | undefined, scale = 1) {
  if (whole && isRange(whole)) return whole
  const part = (text: string | undefined) => {
    const amount = amountOf(text ?? '')
    return amount === undefined ? '' : String(Math.round(amount * scale))
  }
  const made = `${part(min)}..${part(max)}`
  return made === '..' ? undefined : made
}

/** Reads what is well formed and ignores the rest: an address is typed by people and by machines. */
export function parseFilters(params: SearchParams): Filters {
  const attributes: Record<string, string[]> = {}
  for (const entry of all(params.f)) {
    const colon = entry.indexOf(':')
    const code = entry.slice(0, colon)
    if (colon < 1 || !CODE.test(code)) continue
    for (const value of entry.slice(colon + 1).split(',')) {
      if (!VALUE.test(value)) continue
      const known = attributes[code] ?? []
      if (!known.includes(value)) attributes[code] = [...known, value]
    }
  }
  const sort = first(params.sort)
  const cursor = first(params.cursor)
  const q = first(params.q)?.trim().slice(0, 100)
  return {
    attributes,
    price: range(first(params.price), first(params.price_min), first(params.price_max), 100),
    available: first(params.available) === '1',
    sort: sort && /^[a-z_]{1,32}$/.test(sort) ? sort : undefined,
    cursor: cursor && cursor.length <= 1400 ? cursor : undefined,
    q: q || undefined,
  }
}

export function filtersFromSearch(search: string): Filters {
  const params: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(search)) params[name] = [...(params[name] ?? []), value]
  return parseFilters(params)
}

/** The one spelling of these filters: sorted, so that equal choices have equal addresses. Empty without any. */
export function filtersToSearch(filters: Filters): string {
  const query = new URLSearchParams()
  if (filters.q) query.set('q', filters.q)
  for (const code of Object.keys(filters.attributes).sort()) {
    const values = filters.attributes[code] ?? []
    if (values.length > 0) query.append('f', `${code}:${[...values].sort().join(',')}`)
  }
  if (filters.price) query.set('price', filters.price)
  if (filters.available) query.set('available', '1')
  if (filters.sort) query.set('sort', filters.sort)
  if (filters.cursor) query.set('cursor', filters.cursor)
  // Commas, colons and dots may stand in a query; percent signs would only make the address ugly.
  const text = query.toString().replace(/%2C/g, ',').replace(/%3A/g, ':')
  return text ? `?${text}` : ''
}

export type ListingScope = { category?: string; collection?: string }

export const PAGE_SIZE = 24

export function listingQuery(scope: ListingScope, filters: Filters, buyer: PublicQuery): ListingQuery {
  const query: ListingQuery = { ...buyer, ...scope, limit: PAGE_SIZE }
  if (filters.q) query.q = filters.q
  for (const [code, values] of Object.entries(filters.attributes)) query[`f.${code}`] = values.join(',')
  if (filters.price) query.price = filters.price
  if (filters.available) query.available = '1'
  if (filters.sort) query.sort = filters.sort
  if (filters.cursor) query.cursor = filters.cursor
  return query
}

/** These filters without those that the API refuses by name; undefined when it names none of them. */
function withoutRefused(filters: Filters, errors: readonly FieldError[]): Filters | undefined {
  let rest = filters
  for (const { pointer } of errors) {
    const name = pointer.slice(1)
    if (name === 'cursor' || name === 'sort' || name === 'price') rest = { ...rest, [name]: undefined }
    else if (name === 'available') rest = { ...rest, available: false }
    else if (name.startsWith('f.')) {
      const { [name.slice(2)]: _refused, ...attributes } = rest.attributes
      rest = { ...rest, attributes }
    }
  }
  return filtersToSearch(rest) === filtersToSearch(filters) ? undefined : rest
}

const MOST_REFUSALS = 3

/**
 * Asks for a listing. An attribute that is no more, or the place in a list that has changed, does not take the other filters with it:
 * what the API refuses by name is left out and the rest asked for again.
 */
export async function askForListing<T>(filters: Filters, ask: (filters: Filters) => Promise<T>): Promise<T> {
  let accepted = filters
  for (let refusals = 0; ; refusals++) {
    try {
      return await ask(accepted)
    } catch (error) {
      const named = error instanceof ApiError && error.status === 422 && refusals < MOST_REFUSALS
      const rest = named ? withoutRefused(accepted, error.errors) : undefined
      if (!rest) throw error
      accepted = rest
    }
  }
}

/** Any change but turning the page starts at the first page again. */
export function toggleValue(filters: Filters, code: string, value: string): Filters {
  const chosen = filters.attributes[code] ?? []
  const values = chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]
  const { [code]: _old, ...rest } = filters.attributes
  return { ...filters, cursor: undefined, attributes: values.length > 0 ? { ...rest, [code]: values } : rest }
}

export function setRange(filters: Filters, code: string, value: string | undefined): Filters {
  if (code === 'price') return { ...filters, cursor: undefined, price: value }
  const { [code]: _old, ...rest } = filters.attributes
  return { ...filters, cursor: undefined, attributes: value ? { ...rest, [code]: [value] } : rest }
}

export const clearFilters = (filters: Filters): Filters => ({
  ...noFilters,
  q: filters.q,
  sort: filters.sort,
})

export function countFilters(filters: Filters): number {
  const values = Object.values(filters.attributes).reduce((sum, list) => sum + list.length, 0)
  return values + (filters.price ? 1 : 0) + (filters.available ? 1 : 0)
}

/** Both ends of "10..50"; an open end is undefined. */
export function splitRange(value: string | undefined): [number | undefined, number | undefined] {
  const [min, max] = (value ?? '').split('..')
  const number = (text: string | undefined) => (text ? Number.parseInt(text, 10) : undefined)
  return [number(min), number(max)]
}

/** Chosen filters with the words to show for them, in the order of the facets. */
export function chosenFilters(filters: Filters, facets: readonly Facet[]) {
  const chosen: { code: string; value: string; label: string; without: Filters }[] = []
  const known = new Map(facets.map((facet) => [facet.code, facet]))
  const codes = [...known.keys(), ...Object.keys(filters.attributes).filter((code) => !known.has(code))]
  for (const code of codes) {
    const facet = known.get(code)
    for (const value of filters.attributes[code] ?? []) {
      const unit = facet?.unit ? ` ${facet.unit}` : ''
      const word =
        facet?.kind === 'bool'
          ? facet.label
          : isRange(value)
            ? `${facet?.label ?? code} ${value.replace('..', '–')}${unit}`
            : (facet?.values.find((candidate) => candidate.value === value)?.label ?? value)
      chosen.push({ code, value, label: word, without: toggleValue(filters, code, value) })
    }
  }
  // "Oak" is a colour and a material: where both are chosen, each says which it is.
  const times = new Map<string, number>()
  for (const { label } of chosen) times.set(label, (times.get(label) ?? 0) + 1)
  return chosen.map((filter) => {
    const facet = known.get(filter.code)
    return facet && (times.get(filter.label) ?? 0) > 1
      ? { ...filter, label: `${facet.label}: ${filter.label}` }
      : filter
  })
}
