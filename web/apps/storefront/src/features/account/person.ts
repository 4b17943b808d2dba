'use client'
import type { Session } from '@stoa/api-client'
import type { Query, QueryClient } from '@tanstack/react-query'
import { useCheckoutStore } from '@/features/checkout/store'

/** What keys begin with of queries that were answered for one person. */
const PERSONAL: ReadonlySet<unknown> = new Set([
  'account',
  'cart',
  'checkout',
  'order',
  'order-documents',
  'order-payment',
  'order-returns',
  'payment',
])

const isOfABuyer = (part: unknown) => typeof part === 'object' && part !== null && 'buyer' in part

const isPersonal = ({ queryKey }: Query) => PERSONAL.has(queryKey[0]) || queryKey.some(isOfABuyer)

/** Somebody else is here now: nothing that was fetched for the one before, or typed by them, is true any more. */
export function forgetPerson(queries: QueryClient) {
  useCheckoutStore.getState().forget()
  // A page that is kept hidden holds on to the answer itself, and would show it when it is seen again.
  for (const query of queries.getQueryCache().findAll({ predicate: isPersonal, type: 'inactive' }))
    query.reset()
  queries.removeQueries({ predicate: isPersonal })
}

/** Forgets the one before as soon as the session is seen to be somebody else's, as when they changed in another tab. */
export function watchPerson(queries: QueryClient): () => void {
  const seen = () => queries.getQueryData<Session>(['session'])
  const idOf = (session: Session | undefined) => session && (session.customer?.id ?? 'nobody')
  let before = idOf(seen())
  return queries.getQueryCache().subscribe(({ query }) => {
    if (query.queryKey[0] !== 'session') return
    const now = idOf(seen()) ?? before
    const changed = before !== undefined && now !== before
    before = now
    if (!changed) return
    useCheckoutStore.getState().forget()
    // What is on the page is asked for again.
    void queries.resetQueries({ predicate: isPersonal })
  })
}
