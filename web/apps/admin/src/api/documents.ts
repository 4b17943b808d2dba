import { queryOptions } from '@tanstack/react-query'
import { request } from './request'
import type { MoneyValue } from './types'

export type OrderDocument = {
  id: string
  kind: string
  number: string
  issued_at: string
  total: MoneyValue
  /** False until its files are made. */
  ready: boolean
}

export type OrderDocuments = {
  items: OrderDocument[]
  /** Why the next one is not issued yet. */
  waits_for?: string | null
}

export const orderDocuments = (number: string) =>
  queryOptions<OrderDocuments>({
    queryKey: ['order-documents', number],
    // Its files follow a moment after a document.
    refetchInterval: ({ state }) => (state.data?.items.some((document) => !document.ready) ? 5_000 : false),
    queryFn: ({ signal }) =>
      request<OrderDocuments>('GET', `/orders/${encodeURIComponent(number)}/documents`, { signal }),
  })

const path = (id: string) => `/documents/${encodeURIComponent(id)}`
export const pdfHref = (id: string) => `/api/v1/admin${path(id)}/pdf`
export const xmlHref = (id: string) => `/api/v1/admin${path(id)}/xml`
export const sendDocument = (id: string, to: string, idempotencyKey: string) =>
  request<OrderDocument>('POST', `${path(id)}/send`, { body: to ? { to } : {}, idempotencyKey })
