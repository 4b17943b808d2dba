import type { Session } from '@stoa/api-client'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { beforeEach, expect, it, vi } from 'vitest'
import { checkoutKey } from '@/features/checkout/api/checkout'
import { useCheckoutStore } from '@/features/checkout/store'
import { documentsQuery } from '@/features/orders/api/documents-query'
import { duePaymentQuery } from '@/features/orders/api/due-payment-query'
import { orderQuery } from '@/features/orders/api/order-query'
import { returnsQuery } from '@/features/returns/api/returns-query'
import { hookResult } from '../../../../test/hook'
import { watchPerson } from '../person'
import { accountQuery } from './account-queries'
import { useLogin, useLogout } from './use-session-change'

const api = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api', () => ({ api }))
vi.mock('next/navigation', () => ({ useRouter: () => ({ refresh: vi.fn() }) }))
vi.mock('@/features/buyer/use-viewer', () => ({ noteBuyer: () => false }))

const session = (id?: string): Session => ({
  cart_item_count: 0,
  currency: 'EUR',
  country: 'DE',
  ...(id
    ? {
        customer: {
          id,
          email: `${id}@example.com`,
          first_name: id,
          last_name: 'X',
          locale: 'en',
          email_verified: true,
        },
      }
    : {}),
})

const personal = [
  accountQuery().queryKey,
  ['cart'],
  checkoutKey,
  ['checkout', 'payment-methods'],
  orderQuery('S-1', undefined, 'en').queryKey,
  documentsQuery('S-1', undefined).queryKey,
  returnsQuery('S-1', undefined).queryKey,
  duePaymentQuery('token').queryKey,
  ['payment', 'pat_1', 'return'],
  ['listing', 'en', { currency: 'EUR', country: 'DE', buyer: '0123456789abcdef' }],
]
const everybodys = [
  ['store', 'en'],
  ['listing', 'en', { currency: 'EUR', country: 'DE' }],
]

let queries: QueryClient
beforeEach(() => {
  queries = new QueryClient()
  for (const key of [...personal, ...everybodys]) queries.setQueryData(key, 'of the one before')
  queries.setQueryData(['session'], session('ada'))
  const store = useCheckoutStore.getState()
  store.edit({ choice: 'card', number: '4111 1111 1111 1111', cvv: '123', saveCard: true })
  store.choose()
  store.keyFor('an order')
})

function expectForgotten() {
  expect(useCheckoutStore.getState()).toMatchObject({ chosen: false, intent: undefined })
  expect(useCheckoutStore.getState().draft).toMatchObject({ number: '', cvv: '', saveCard: false })
  for (const key of personal) expect(queries.getQueryData(key), JSON.stringify(key)).toBeUndefined()
  for (const key of everybodys) expect(queries.getQueryData(key)).toBe('of the one before')
}

it('leaves nothing of the one who signed out: neither what was fetched nor the card', async () => {
  api.mockResolvedValueOnce(undefined)
  await hookResult(queries, useLogout).mutateAsync()
  expectForgotten()
})

it('leaves nothing of the one before to the one who signs in', async () => {
  api.mockResolvedValueOnce(session('bob'))
  await hookResult(queries, useLogin).mutateAsync({ email: 'bob@example.com', password: 'secret' })
  expectForgotten()
  expect(queries.getQueryData<Session>(['session'])?.customer?.id).toBe('bob')
})

it('leaves nothing to a page that was kept hidden meanwhile', async () => {
  const page = new QueryObserver<string>(queries, {
    queryKey: ['cart'],
    queryFn: () => 'of the next',
    staleTime: 30_000,
  })
  const hide = page.subscribe(() => {})
  expect(page.getCurrentResult().data).toBe('of the one before')
  hide()
  api.mockResolvedValueOnce(session('bob'))
  await hookResult(queries, useLogin).mutateAsync({ email: 'bob@example.com', password: 'secret' })
  const seen: unknown[] = []
  page.subscribe(({ data }) => seen.push(data))
  await vi.waitFor(() => expect(seen).toContain('of the next'))
  expect(seen).not.toContain('of the one before')
})

it('keeps everything when nobody could sign out', async () => {
  api.mockRejectedValueOnce(new Error('away'))
  await expect(hookResult(queries, useLogout).mutateAsync()).rejects.toThrow('away')
  expect(useCheckoutStore.getState().chosen).toBe(true)
  expect(queries.getQueryData(['cart'])).toBe('of the one before')
})

it('leaves nothing when another tab signed out or in', () => {
  const stop = watchPerson(queries)
  queries.setQueryData(['session'], { ...session('ada'), cart_item_count: 3 })
  expect(useCheckoutStore.getState().chosen).toBe(true)
  expect(queries.getQueryData(['cart'])).toBe('of the one before')
  queries.setQueryData(['session'], session())
  expectForgotten()
  stop()
})

it('knows the one before although the answer about the session is thrown away', () => {
  const stop = watchPerson(queries)
  queries.removeQueries({ queryKey: ['session'] })
  expect(useCheckoutStore.getState().chosen).toBe(true)
  queries.setQueryData(['session'], session('bob'))
  expectForgotten()
  stop()
})
