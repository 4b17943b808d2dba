'use client'
import type { OrderDocument } from '@stoa/api-client'
import { queryOptions } from '@tanstack/react-query'

const AGAIN_MS = 5_000

const base = (number: string) => `/api/v1/orders/${encodeURIComponent(number)}/documents`
const withToken = (path: string, token: string | undefined) =>
  token ? `${path}?${new URLSearchParams({ token }).toString()}` : path

/** Where a document's file is: the browser fetches it itself. */
export const documentHref = (
  number: string,
  id: string,
  form: 'pdf' | 'xml',
  token: string | undefined,
): string => withToken(`${base(number)}/${encodeURIComponent(id)}/${form}`, token)

/** None for an order without any, and for a shop that issues none. */
async function documentsOf(
  number: string,
  token: string | undefined,
  signal: AbortSignal,
): Promise<OrderDocument[]> {
  const answer = await fetch(withToken(base(number), token), { credentials: 'same-origin', signal })
  if (answer.status === 404) return []
  if (!answer.ok) throw new Error(`The documents answer ${answer.status}`)
  return ((await answer.json()) as { items: OrderDocument[] }).items
}

export const documentsQuery = (number: string, token: string | undefined) =>
  queryOptions({
    queryKey: ['order-documents', number, token ?? 'account'],
    queryFn: ({ signal }) => documentsOf(number, token, signal),
    // Their files are made within moments of their issue.
    refetchInterval: ({ state }) => (state.data?.some(({ ready }) => !ready) ? AGAIN_MS : false),
  })
