'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocale } from 'next-intl'
import { usePreferences } from '@/features/preferences/preferences'
import { api } from '@/lib/api'
import { wishlistQuery } from './account-queries'
import { useSession } from './get-session'

/** Is this product on the list of whoever is signed in, and a way to change that. Guests are told apart by `guest`. */
export function useWished(productId: string) {
  const locale = useLocale()
  const { currency } = usePreferences()
  const queries = useQueryClient()
  const session = useSession()
  const signedIn = Boolean(session.data?.customer)
  const options = wishlistQuery(locale, currency)
  const list = useQuery({ ...options, enabled: signedIn, staleTime: 300_000 })
  const change = useMutation({
    mutationFn: (wished: boolean) =>
      wished
        ? api('PUT /account/wishlist/{product_id}', { path: { product_id: productId } })
        : api('DELETE /account/wishlist/{product_id}', { path: { product_id: productId } }),
    onSettled: async () => {
      // What is being asked for already may have been answered before the change; a first answer would count as the newest.
      await queries.cancelQueries({ queryKey: ['account', 'wishlist'] })
      return queries.invalidateQueries({ queryKey: ['account', 'wishlist'] })
    },
  })
  const listed = list.data?.items.some(({ id }) => id === productId) ?? false
  return {
    guest: session.isSuccess && !signedIn,
    // While a change is on its way it is shown as done.
    wished: change.isPending ? change.variables : listed,
    change,
  }
}
