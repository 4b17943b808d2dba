'use client'
import { ApiError } from '@stoa/api-client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

/** What the server refused will not change by asking again; what broke on the way may. */
export const worthRetrying = (count: number, error: unknown): boolean =>
  count < 2 && !(error instanceof ApiError && error.status < 500)

/** Without a connection a press fails with words, and can be pressed again; it does not wait in silence until there is one. */
export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: worthRetrying,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        refetchOnReconnect: true,
      },
      mutations: { networkMode: 'always' },
    },
  })

export function QueryProvider({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient)
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}
