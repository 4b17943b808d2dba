import { isApiError } from '@stoa/api-client'
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { request } from './request'
import type { SignInAnswer } from './types'

/** Who is signed in, or waits for the second factor; null for nobody. */
export const session = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  retry: false,
  queryFn: async ({ signal }): Promise<SignInAnswer | null> => {
    try {
      return await request<SignInAnswer>('GET', '/session', { signal })
    } catch (error) {
      if (isApiError(error) && error.status === 401) return null
      throw error
    }
  },
})

/** Somebody else, or nobody, from here on: nothing that was loaded before is theirs. */
export function changeSession(client: QueryClient, answer: SignInAnswer | null) {
  client.setQueryData(session.queryKey, answer)
  // The session's own query stays: whoever looks at it would not hear of a new one.
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== session.queryKey[0] })
}

export const signIn = (email: string, password: string) =>
  request<SignInAnswer>('POST', '/session', { body: { email, password } })
export const giveCode = (code: string) => request<SignInAnswer>('POST', '/session/totp', { body: { code } })
export const signOut = () => request<void>('DELETE', '/session')
export const changePassword = (current: string, fresh: string) =>
  request<unknown>('PUT', '/me/password', { body: { current, new: fresh } })
