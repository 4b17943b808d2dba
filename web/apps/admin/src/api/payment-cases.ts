import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { request } from './request'
import type { MoneyValue } from './types'

export type CaseState = 'open' | 'resolved'
export type PaymentCase = {
  id: string
  version: number
  state: CaseState
  kind: string
  found_at: string
  reference: string
  transaction_id: string
  order_id?: string | null
  order_number?: string | null
  amount?: MoneyValue | null
  resolution?: string | null
  moved?: MoneyValue | null
  resolved_at?: string | null
  note: string
  staff: string
}
/** A way in which a case can be resolved, and what that books. */
export type CaseChoice = { resolution: string; amount?: MoneyValue | null; within_limit: boolean }
export type CaseDetail = { case: PaymentCase; choices: CaseChoice[]; owed?: MoneyValue | null }
type CaseList = { items: PaymentCase[]; next_cursor?: string | null }

export const paymentCases = ({ state, cursor }: { state: CaseState; cursor: string }) => {
  const query = new URLSearchParams({ state })
  if (cursor) query.set('cursor', cursor)
  return queryOptions({
    queryKey: ['payment-cases', query.toString()],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<CaseList>('GET', '/payment-cases', { query, signal }),
  })
}
export const casesOfOrder = (order: string) =>
  queryOptions({
    queryKey: ['payment-cases', 'order', order],
    queryFn: ({ signal }) =>
      request<CaseList>('GET', `/orders/${encodeURIComponent(order)}/payment-cases`, { signal }),
  })
export const paymentCase = (id: string) =>
  queryOptions({
    queryKey: ['payment-case', id],
    queryFn: ({ signal }) =>
      request<CaseDetail>('GET', `/payment-cases/${encodeURIComponent(id)}`, { signal }),
  })
export const resolveCase = (seen: PaymentCase, choice: CaseChoice, note: string, idempotencyKey: string) =>
  request<CaseDetail>('POST', `/payment-cases/${encodeURIComponent(seen.id)}/resolve`, {
    body: {
      version: seen.version,
      resolution: choice.resolution,
      ...(choice.amount ? { expected_amount: choice.amount } : {}),
      note,
    },
    idempotencyKey,
  })
