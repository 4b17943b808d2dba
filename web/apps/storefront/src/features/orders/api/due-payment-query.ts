'use client'
import { queryOptions } from '@tanstack/react-query'
import { api } from '@/lib/api'

/** What became due on an order that was changed, by the token of a link to it. */
export const duePaymentQuery = (token: string) =>
  queryOptions({
    queryKey: ['order-payment', token],
    retry: false,
    queryFn: ({ signal }) => api('GET /order-payment', { query: { token } }, { signal }),
  })
