'use client'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { noteBuyer } from '@/features/buyer/use-viewer'
import { api } from '@/lib/api'
import { useHydrated } from '@/lib/use-hydrated'

export const sessionQuery = () =>
  queryOptions({
    queryKey: ['session'],
    // Another tab may have signed in or out meanwhile; see person.ts.
    refetchOnWindowFocus: 'always',
    queryFn: async ({ signal }) => {
      const session = await api('GET /session', undefined, { signal })
      // The answer puts the buyer's mark right where it was not: their groups may have changed meanwhile.
      noteBuyer()
      return session
    },
  })

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
