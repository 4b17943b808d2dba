'use client'
import type { Locale } from '@stoa/api-client'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '@/lib/api'

export const accountQuery = () =>
  queryOptions({
    queryKey: ['account', 'profile'],
    queryFn: ({ signal }) => api('GET /account', undefined, { signal }),
  })

export const addressesQuery = () =>
  queryOptions({
    queryKey: ['account', 'addresses'],
    queryFn: ({ signal }) => api('GET /account/addresses', undefined, { signal }),
  })

export const ordersQuery = () =>
  infiniteQueryOptions({
    queryKey: ['account', 'orders'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api(
        'GET /account/orders',
        { query: { limit: 10, ...(pageParam ? { cursor: pageParam } : {}) } },
        { signal },
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export const wishlistQuery = (locale: Locale, currency: string) =>
  queryOptions({
    queryKey: ['account', 'wishlist', locale, currency],
    queryFn: ({ signal }) => api('GET /account/wishlist', { query: { locale, currency } }, { signal }),
  })

export const storeCreditQuery = () =>
  queryOptions({
    queryKey: ['account', 'store-credit'],
    queryFn: ({ signal }) => api('GET /account/store-credit', undefined, { signal }),
  })

export const boughtQuery = () =>
  queryOptions({
    queryKey: ['account', 'bought'],
    queryFn: ({ signal }) => api('GET /account/bought', undefined, { signal }),
  })

export const ownReviewsQuery = () =>
  queryOptions({
    queryKey: ['account', 'reviews'],
    queryFn: ({ signal }) => api('GET /account/reviews', undefined, { signal }),
  })

export const cardsQuery = () =>
  queryOptions({
    queryKey: ['account', 'cards'],
    queryFn: ({ signal }) => api('GET /account/payment-methods', undefined, { signal }),
  })

export const sessionsQuery = () =>
  queryOptions({
    queryKey: ['account', 'sessions'],
    queryFn: ({ signal }) => api('GET /account/sessions', undefined, { signal }),
  })

export const consentsQuery = () =>
  queryOptions({
    queryKey: ['account', 'consents'],
    queryFn: ({ signal }) => api('GET /account/consents', undefined, { signal }),
  })
