'use client'
import type { Locale } from '@stoa/api-client'
import { queryOptions } from '@tanstack/react-query'
import { api } from '@/lib/api'

/** By the link of the mail, or, without a token, from the account that is signed in. */
export const orderQuery = (number: string, token: string | undefined, locale: Locale) =>
  queryOptions({
    queryKey: ['order', number, token ?? 'account', locale],
    queryFn: ({ signal }) =>
      token
        ? api('GET /orders/{number}', { path: { number }, query: { token, locale } }, { signal })
        : api('GET /account/orders/{number}', { path: { number } }, { signal }),
  })
