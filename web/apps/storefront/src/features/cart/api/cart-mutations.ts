'use client'
import type { Cart, Gift, Session } from '@stoa/api-client'
import { type QueryClient, useIsMutating, useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocale } from 'next-intl'
import { usePreferences } from '@/features/preferences/preferences'
import { api } from '@/lib/api'
import { cartKey } from './cart-query'

/** Changes of the cart go to the server one after the other, in the order in which they were made. */
const MUTATION_KEY = ['cart']
const SCOPE = { id: 'cart' }

/** True while the server has not answered the last change: what the cart costs is then not known. */
export const useCartPending = (): boolean => useIsMutating({ mutationKey: MUTATION_KEY }) > 0

function accept(queries: QueryClient, cart: Cart) {
  // With more changes under way, a later answer will be the true one; this one would jump back for a moment.
  if (queries.isMutating({ mutationKey: MUTATION_KEY }) <= 1) queries.setQueryData(cartKey, cart)
  queries.setQueryData<Session>(
    ['session'],
    (session) => session && { ...session, cart_item_count: cart.item_count },
  )
  void queries.invalidateQueries({ queryKey: ['checkout'] })
}

function useCartMutation<Input>(
  send: (input: Input) => Promise<Cart>,
  optimistic?: (cart: Cart, input: Input) => Cart,
) {
  const queries = useQueryClient()
  return useMutation({
    mutationKey: MUTATION_KEY,
    scope: SCOPE,
    mutationFn: send,
    onMutate: async (input: Input) => {
      await queries.cancelQueries({ queryKey: cartKey })
      if (optimistic) {
        queries.setQueryData<Cart>(cartKey, (cart) => cart && optimistic(cart, input))
      }
    },
    onSuccess: (cart) => accept(queries, cart),
    onError: () => queries.invalidateQueries({ queryKey: cartKey }),
  })
}

export function useAddLine() {
  const locale = useLocale()
  const { currency, country } = usePreferences()
  return useCartMutation(
    ({
      variantId,
      quantity,
      gift,
      key,
    }: {
      variantId: string
      quantity: number
      gift?: Gift | undefined
      key: string
    }) =>
      api(
        'POST /cart/lines',
        {
          query: { locale, currency, country },
          body: { variant_id: variantId, quantity, ...(gift ? { gift } : {}) },
        },
        { idempotencyKey: key },
      ),
  )
}

/** Shows the new quantity at once; money waits for the server. 0 takes the line out. */
export function useSetQuantity() {
  return useCartMutation(
    ({ lineId, quantity }: { lineId: string; quantity: number }) =>
      api('PATCH /cart/lines/{line_id}', { path: { line_id: lineId }, body: { quantity } }),
    (cart, { lineId, quantity }) => ({
      ...cart,
      lines: cart.lines
        .filter((line) => quantity > 0 || line.id !== lineId)
        .map((line) => (line.id === lineId ? { ...line, quantity } : line)),
    }),
  )
}

/** Whom the gift cards of a line are for, one entry for each. */
export function useSetGifts() {
  return useCartMutation(({ lineId, gifts }: { lineId: string; gifts: Gift[] }) =>
    api('PATCH /cart/lines/{line_id}', { path: { line_id: lineId }, body: { gifts } }),
  )
}

export function useAddCode() {
  return useCartMutation((code: string) => api('POST /cart/codes', { body: { code } }))
}

export function useRemoveCode() {
  return useCartMutation(
    (code: string) => api('DELETE /cart/codes/{code}', { path: { code } }),
    (cart, code) => ({ ...cart, codes: cart.codes.filter((entry) => entry.code !== code) }),
  )
}
