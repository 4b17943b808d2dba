'use client'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api } from '@/lib/api'
import { useHydrated } from '@/lib/use-hydrated'

export const sessionQuery = () =>
  queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => api('GET /session', undefined, { signal }) })

/**
 * Who is signed in. Unknown until the component is hydrated: the header asks first, and its answer may come before the rest of the page
 * is hydrated, which must then still render what the server did.
 */
export function useSession() {
  const hydrated = useHydrated()
  const { data, isSuccess, isPending, isError, error, refetch } = useQuery(sessionQuery())
  return {
    data: hydrated ? data : undefined,
    isSuccess: hydrated && isSuccess,
    isPending: !hydrated || isPending,
    isError: hydrated && isError,
    error,
    refetch,
  }
}
