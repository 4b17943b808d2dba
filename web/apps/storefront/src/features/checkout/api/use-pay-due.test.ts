import { ApiError, NetworkError, type PaymentOutcome } from '@stoa/api-client'
import { QueryClient } from '@tanstack/react-query'
import { beforeEach, expect, it, vi } from 'vitest'
import { duePaymentQuery } from '@/features/orders/api/due-payment-query'
import { hookResult } from '../../../../test/hook'
import { useCheckoutStore } from '../store'
import { usePayDue } from './use-pay-due'

const api = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api', () => ({ api }))

const due = { amount: 999, currency: 'EUR' }
const payment = { method: 'invoice' } as const
const outcome = (status: PaymentOutcome['status']): PaymentOutcome => ({
  status,
  order_number: 'S-1',
  order_token: 'token',
})
const { queryKey } = duePaymentQuery('token')

let queries: QueryClient
beforeEach(() => {
  api.mockReset()
  queries = new QueryClient()
  queries.setQueryData(queryKey, { order_number: 'S-1', total: due, due, processing: false, items: [] })
  const store = useCheckoutStore.getState()
  store.forget()
  store.edit({ choice: 'card', number: '4111 1111 1111 1111', cvv: '123' })
})

const pay = () => hookResult(queries, () => usePayDue('token', due)).mutateAsync(payment)
const keySent = (call: number) => api.mock.calls[call]?.[2]?.idempotencyKey as string

it.each(['completed', 'processing'] as const)(
  'forgets the card once it is %s, and what was due',
  async (status) => {
    api.mockResolvedValueOnce(outcome(status))
    await pay()
    expect(useCheckoutStore.getState().draft).toMatchObject({ number: '', cvv: '' })
    expect(queries.getQueryState(queryKey)?.isInvalidated).toBe(true)
  },
)

it('keeps what was typed when the bank says no, and asks as somebody new the next time', async () => {
  api.mockResolvedValue(outcome('declined'))
  await pay()
  expect(useCheckoutStore.getState().draft.number).toBe('4111 1111 1111 1111')
  await pay()
  expect(keySent(1)).not.toBe(keySent(0))
})

it('repeats itself under the same key while it does not know what became of it', async () => {
  api.mockRejectedValueOnce(new NetworkError('gone')).mockResolvedValueOnce(outcome('declined'))
  await expect(pay()).rejects.toThrow()
  await pay()
  expect(keySent(1)).toBe(keySent(0))
})

it('asks again what is due when it was paid in another window', async () => {
  api.mockRejectedValueOnce(new ApiError({ status: 409, code: 'checkout.total_changed' }))
  await expect(pay()).rejects.toThrow()
  expect(queries.getQueryState(queryKey)?.isInvalidated).toBe(true)
})
