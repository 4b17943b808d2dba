import type { Return as BuyersReturn, ReturnLabel } from '@stoa/api-client'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { ShipTo } from './orders'
import { API, request } from './request'
import type { MoneyValue } from './types'

/** A return as the desk sees it: with what only staff knows of its label. */
export type Return = Omit<BuyersReturn, 'label'> & {
  email: string
  replacement_id?: string | null
  label?:
    | (ReturnLabel & {
        problems: { field: string; code: string; message: string }[]
        from?: ShipTo | null
      })
    | null
}

export type ReturnRow = {
  id: string
  number: string
  order_id: string
  order_number: string
  email: string
  state: string
  requested_at: string
  units: number
  photos: number
  has_exchange: boolean
  label?: string | null
}
export type ReturnPlace = { state: string; q: string; cursor: string }

export const returnRows = ({ state, q, cursor }: ReturnPlace) => {
  const query = new URLSearchParams()
  if (state) query.set('state', state)
  if (q.trim().length >= 2) query.set('q', q.trim())
  if (cursor) query.set('cursor', cursor)
  return queryOptions({
    queryKey: ['returns', query.toString()],
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    queryFn: ({ signal }) =>
      request<{
        items: ReturnRow[]
        waiting: { state: string; count: number }[]
        next_cursor?: string | null
      }>('GET', '/returns', { query, signal }),
  })
}

/** Those of one order, found by the number that people see; longer numbers that begin like it come along. */
export const returnsOf = (orderNumber: string) => returnRows({ state: '', q: orderNumber, cursor: '' })

const path = (id: string, rest = '') => `/returns/${encodeURIComponent(id)}${rest}`

/** A label takes moments to be made. */
export const isBeingLabelled = (one: Return): boolean =>
  one.label?.state === 'announcing' || (one.label?.state === 'labelled' && !one.label.ready)

export const oneReturn = (id: string) =>
  queryOptions({
    queryKey: ['return', id],
    queryFn: ({ signal }) => request<Return>('GET', path(id), { signal }),
    refetchInterval: ({ state }) => (state.data && isBeingLabelled(state.data) ? 2_000 : false),
  })

export const REASONS = [
  'changed_mind',
  'damaged',
  'defective',
  'wrong_item',
  'not_as_described',
  'late',
  'other',
] as const
export type NewReturn = {
  lines: { line_id: string; quantity: number; reason: (typeof REASONS)[number]; comment?: string }[]
  /** What the buyer said. They see it. */
  comment?: string
  /** Also when the time for returns is over, and of goods that are not returned. */
  override?: boolean
}
/** For a buyer who called: as if they had asked. */
export const openReturn = (order: string, wish: NewReturn, idempotencyKey: string) =>
  request<Return>('POST', `/orders/${encodeURIComponent(order)}/returns`, { body: wish, idempotencyKey })

export const approve = (id: string, answer: string, label: boolean) =>
  request<Return>('POST', path(id, '/approve'), { body: { answer, label } })
export const reject = (id: string, answer: string) =>
  request<Return>('POST', path(id, '/reject'), { body: { answer } })
export const close = (id: string) => request<Return>('POST', path(id, '/close'), { body: { answer: '' } })
export const makeLabel = (id: string, from?: ShipTo) =>
  request<Return>('POST', path(id, '/label'), { body: from ? { from } : {} })
export const goOnWithoutLabel = (id: string) =>
  request<Return>('POST', path(id, '/label'), { body: { none: true } })

export type Received = { line_id: string; received: number; restocked: number; condition: string }
/** Into the warehouse that is named, else each line into the one that sent it. */
export const receive = (id: string, lines: Received[], warehouse: string, idempotencyKey: string) =>
  request<Return>('POST', path(id, '/receive'), {
    body: { lines, ...(warehouse ? { warehouse_id: warehouse } : {}) },
    idempotencyKey,
  })
export const exchange = (id: string, idempotencyKey: string) =>
  request<Return>('POST', path(id, '/exchange'), { idempotencyKey })

export type ReturnRefund = {
  done: boolean
  total: MoneyValue
  tax: MoneyValue
  as_credit: MoneyValue
  gift_card_to?: string | null
  return: Return
}
export type RefundWish = { shipping?: MoneyValue; deduction?: MoneyValue; as_store_credit?: boolean }
export const previewRefund = (id: string, wish: RefundWish) =>
  request<ReturnRefund>('POST', path(id, '/refund'), { body: wish })
export const refund = (id: string, wish: RefundWish, total: MoneyValue, idempotencyKey: string) =>
  request<ReturnRefund>('POST', path(id, '/refund'), {
    body: { ...wish, expected_total: total },
    idempotencyKey,
  })

export const labelHref = (id: string): string => `${API}${path(id, '/label')}`
export const photoHref = (id: string, photo: string): string =>
  `${API}${path(id, `/photos/${encodeURIComponent(photo)}`)}`

/** How long goods may come back, and which may not. */
export type ReturnPolicy = {
  version: number
  days: number
  excluded: { product_id: string; reason: string }[]
}
export const returnPolicy = queryOptions({
  queryKey: ['return-policy'],
  queryFn: ({ signal }) => request<ReturnPolicy>('GET', '/return-policy', { signal }),
})
export const setReturnPolicy = (policy: ReturnPolicy) =>
  request<ReturnPolicy>('PUT', '/return-policy', { body: policy })
