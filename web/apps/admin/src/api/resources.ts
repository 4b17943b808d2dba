import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { countryName } from '../lib/format'
import { request } from './request'
import type { MoneyValue, Page, Resource, Row, Value } from './types'
import { wordedResource } from './wording'

export const resources = queryOptions({
  queryKey: ['resources'],
  staleTime: 5 * 60_000,
  queryFn: async ({ signal }) =>
    (await request<{ resources: Resource[] }>('GET', '/resources', { signal })).resources.map(wordedResource),
})

const path = (resource: string, id?: string) =>
  `/resources/${encodeURIComponent(resource)}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`

export const rows = (resource: string, query: string) =>
  queryOptions({
    queryKey: ['rows', resource, query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<Page>('GET', path(resource), { query, signal }),
  })

export const row = (resource: string, id: string) =>
  queryOptions({
    queryKey: ['row', resource, id],
    queryFn: ({ signal }) => request<Row>('GET', path(resource, id), { signal }),
  })

export type HistoryEntry = {
  at: string
  action: string
  staff_name?: string | null
  staff?: { name: string } | null
  before?: Value
  after?: Value
}

export const history = (resource: string, id: string) =>
  queryOptions({
    queryKey: ['history', resource, id],
    queryFn: async ({ signal }) =>
      (await request<{ entries: HistoryEntry[] }>('GET', `${path(resource, id)}/history`, { signal }))
        .entries,
  })

type Body = Record<string, Value>
export const createRow = (resource: string, body: Body, idempotencyKey: string) =>
  request<Row>('POST', path(resource), { body, idempotencyKey })
export const updateRow = (resource: string, id: string, version: Row['version'], body: Body) =>
  request<Row>('PATCH', path(resource, id), { body, ...(version === undefined ? {} : { version }) })
export const deleteRow = (resource: string, id: string, version: Row['version']) =>
  request<void>('DELETE', path(resource, id), version === undefined ? {} : { version })

/** All of the rows were changed, or none. */
export type ActionAnswer = { changed: number; message: string }
export const runAction = (resource: string, action: string, ids: string[], input: Body, seen?: string) =>
  request<ActionAnswer>('POST', `${path(resource)}/actions/${encodeURIComponent(action)}`, {
    body: { ids, input, ...(seen ? { seen } : {}) },
  })
/** What an action would make of some records; `seen` goes with the action, so that it does just that. */
export type ActionPreview = {
  items: { id: string; label: string; before?: MoneyValue | null; after?: MoneyValue | null; note: string }[]
  seen: string
}
export const previewAction = (resource: string, action: string, ids: string[], input: Body) =>
  request<ActionPreview>('POST', `${path(resource)}/actions/${encodeURIComponent(action)}/preview`, {
    body: { ids, input },
  })

export type ImportAnswer = {
  rows: number
  created?: number
  updated?: number
  unchanged?: number
  /** Columns of the file that no form sets. */
  ignored?: string[]
  errors: { row: number; field?: string | null; message: string }[]
}
/** Without a key the file is only tried. */
export const importRows = (resource: string, csv: string, idempotencyKey?: string) =>
  request<ImportAnswer>('POST', `${path(resource)}/import`, {
    query: `dry_run=${idempotencyKey === undefined}`,
    text: { content: csv, type: 'text/csv' },
    idempotencyKey,
  })

export const exportHref = (resource: string, query: URLSearchParams, format: 'csv' | 'xlsx') => {
  const wanted = new URLSearchParams(query)
  wanted.set('format', format)
  return `/api/v1/admin${path(resource)}/export?${wanted}`
}

export type SavedView = { id: string; resource: string; name: string; query: string }
export const views = queryOptions({
  queryKey: ['views'],
  staleTime: 5 * 60_000,
  queryFn: async ({ signal }) => (await request<{ views: SavedView[] }>('GET', '/views', { signal })).views,
})
export const saveView = (view: Omit<SavedView, 'id'>) => request<SavedView>('POST', '/views', { body: view })
export const deleteView = (id: string) => request<void>('DELETE', `/views/${encodeURIComponent(id)}`)

/** What a record is called where there is room for one line. */
export function titleOf(resource: Resource, found: Partial<Row>): string {
  if (resource.name === 'tax_rates' && typeof found.country === 'string')
    return [countryName(found.country), found.tax_class, found.valid_from].filter(Boolean).join(', ')
  if (resource.name === 'customers' && typeof found.first_name === 'string') {
    const name = [found.first_name, found.last_name].filter(Boolean).join(' ')
    if (name) return name
  }
  const named = ['label', 'title', 'name', 'names', 'number', 'code', 'email', 'slug']
  for (const name of [...named, ...resource.columns.map((column) => column.name)]) {
    const value = found[name]
    if (typeof value === 'string' && value && name !== 'id') return value
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const english = (value as Record<string, Value>).en
      if (typeof english === 'string' && english) return english
    }
  }
  return found.id ?? ''
}
