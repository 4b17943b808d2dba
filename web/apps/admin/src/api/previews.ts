import { queryOptions } from '@tanstack/react-query'
import { request } from './request'
import type { MoneyValue } from './types'

/** A text as the shop would show it: rendered by the server, kept nowhere. */
export const pagePreview = (body: string) =>
  queryOptions({
    queryKey: ['page-preview', body],
    queryFn: ({ signal }) => request<{ html: string }>('POST', '/page-preview', { body: { body }, signal }),
  })

export type CartWish = {
  promotion_id: string
  country: string
  currency: string
  lines: { variant_id: string; quantity: number }[]
}
export type CartPreview = {
  lines: {
    name: string
    sku: string
    quantity: number
    unit_price: MoneyValue
    discount: MoneyValue
    total: MoneyValue
  }[]
  promotions: { name: string; label: string; amount: MoneyValue }[]
  totals: {
    subtotal: MoneyValue
    discount: MoneyValue
    shipping?: MoneyValue | null
    tax: MoneyValue
    total: MoneyValue
  }
  /** How it came to this, one sentence each. */
  steps: string[]
}

/** What a cart would cost with a promotion as it is saved. */
export const previewPromotion = (body: CartWish) =>
  request<CartPreview>('POST', '/promotion-preview', { body })
