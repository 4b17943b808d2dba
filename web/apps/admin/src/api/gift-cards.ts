import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { request } from './request'
import type { MoneyValue } from './types'

export type GiftCard = {
  id: string
  hint: string
  state: 'usable' | 'used' | 'expired' | 'blocked' | 'suspended'
  issued: MoneyValue
  balance: MoneyValue
  available: MoneyValue
  email: string
  note: string
  staff: string
  expires_at?: string | null
  created_at: string
}
export type Movement = { at: string; kind: string; amount: MoneyValue }

export const giftCards = (q: string, cursor: string) => {
  const query = new URLSearchParams()
  if (q.trim()) query.set('q', q.trim())
  if (cursor) query.set('cursor', cursor)
  return queryOptions({
    queryKey: ['gift-cards', query.toString()],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      request<{ items: GiftCard[]; next_cursor?: string | null }>('GET', '/gift-cards', { query, signal }),
  })
}
export const giftCard = (id: string) =>
  queryOptions({
    queryKey: ['gift-card', id],
    queryFn: ({ signal }) =>
      request<{ card: GiftCard; movements: Movement[] }>('GET', `/gift-cards/${encodeURIComponent(id)}`, {
        signal,
      }),
  })
export type NewGiftCard = {
  amount: MoneyValue
  expires_at?: string
  email?: string
  locale?: string
  note?: string
}
export const issueGiftCard = (body: NewGiftCard, idempotencyKey: string) =>
  request<{ card: GiftCard; code?: string | null }>('POST', '/gift-cards', { body, idempotencyKey })
export const blockGiftCard = (id: string) =>
  request<GiftCard>('POST', `/gift-cards/${encodeURIComponent(id)}/block`)
