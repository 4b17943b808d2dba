'use client'
import { type Checkout, isApiError, type Locale } from '@stoa/api-client'
import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocale } from 'next-intl'
import { sessionQuery } from '@/features/account/api/get-session'
import { cartKey } from '@/features/cart/api/cart-query'
import { api } from '@/lib/api'

export const checkoutKey = ['checkout', 'state'] as const

const held = (checkout: Checkout): boolean =>
  checkout.hold_expires_at == null || Date.parse(checkout.hold_expires_at) > Date.now()

/** The checkout as it stands; where there is none, or its goods are no longer held, it is started (again). */
async function current(locale: Locale, signal?: AbortSignal): Promise<Checkout> {
  const options = signal ? { signal } : {}
  let checkout: Checkout | undefined
  try {
    checkout = await api('GET /checkout', undefined, options)
  } catch (error) {
    if (!isApiError(error, 'checkout.not_started')) throw error
  }
  if (checkout && checkout.cart.locale !== locale) {
    await api('PATCH /cart', { body: { locale } }, options)
    checkout = await api('GET /checkout', undefined, options)
  }
  return checkout && held(checkout) ? checkout : startIn(locale)
}

async function startIn(locale: Locale): Promise<Checkout> {
  const checkout = await api('POST /checkout')
  if (checkout.cart.locale === locale) return checkout
  await api('PATCH /cart', { body: { locale } })
  return api('GET /checkout')
}

export const checkoutQuery = (locale: Locale) =>
  queryOptions({ queryKey: checkoutKey, queryFn: ({ signal }) => current(locale, signal) })

function accept(queries: QueryClient, checkout: Checkout) {
  queries.setQueryData(checkoutKey, checkout)
  queries.setQueryData(cartKey, checkout.cart)
}

function useCheckoutMutation<Input>(send: (input: Input) => Promise<Checkout>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: send,
    onSuccess: (checkout) => accept(queries, checkout),
    onError: (error) => {
      // Gone with the session, or ended in another tab: the page looks anew at who is here and what there is.
      if (isApiError(error, 'checkout.not_started')) {
        void queries.invalidateQueries({ queryKey: sessionQuery().queryKey })
        void queries.invalidateQueries({ queryKey: checkoutKey })
      }
    },
  })
}

/** Starts or resumes; either way the goods are held afresh. */
export function useStartCheckout() {
  const locale = useLocale()
  return useCheckoutMutation<void>(() => startIn(locale))
}

type Contact = { email: string; phone?: string; accepts_marketing: boolean }
type Addresses = Parameters<typeof putAddress>[0]
const putAddress = (body: {
  shipping: NonNullable<Checkout['shipping_address']>
  billing?: NonNullable<Checkout['billing_address']>
}) => api('PUT /checkout/address', { body })

export function useSetAddress() {
  return useCheckoutMutation(async ({ contact, addresses }: { contact: Contact; addresses: Addresses }) => {
    await api('PUT /checkout/contact', { body: contact })
    return putAddress(addresses)
  })
}

export function useSetShipping() {
  return useCheckoutMutation((body: { option_id: string; service_point_id?: string }) =>
    api('PUT /checkout/shipping', { body }),
  )
}

export function useAddGiftCard() {
  return useCheckoutMutation((code: string) => api('POST /checkout/gift-cards', { body: { code } }))
}

export function useStoreCredit() {
  return useCheckoutMutation((use: boolean) => api('PUT /checkout/store-credit', { body: { use } }))
}

export function useRemoveCredit() {
  return useCheckoutMutation((id: string) => api('DELETE /checkout/credits/{id}', { path: { id } }))
}

/** Priced for this address and these goods: asked again when either changes. */
export const shippingOptionsQuery = (checkout: Checkout) =>
  queryOptions({
    queryKey: ['checkout', 'shipping-options', checkout.shipping_address, checkout.cart.version],
    queryFn: ({ signal }) => api('GET /checkout/shipping-options', undefined, { signal }),
  })

export const servicePointsQuery = (optionId: string, postalCode: string) =>
  queryOptions({
    queryKey: ['checkout', 'service-points', optionId, postalCode],
    queryFn: ({ signal }) =>
      api(
        'GET /checkout/service-points',
        { query: { option_id: optionId, ...(postalCode ? { postal_code: postalCode } : {}) } },
        { signal },
      ),
    staleTime: 300_000,
  })

export const paymentMethodsQuery = (checkout: Checkout) =>
  queryOptions({
    queryKey: ['checkout', 'payment-methods', checkout.totals.total, checkout.due, checkout.guest],
    queryFn: ({ signal }) => api('GET /checkout/payment-methods', undefined, { signal }),
  })
