import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, it, vi } from 'vitest'
import { hookResult } from '../../../../test/hook'
import { wishlistQuery } from './account-queries'
import { useWished } from './use-wishlist'

const api = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api', () => ({ api }))
vi.mock('next-intl', () => ({ useLocale: () => 'en' }))
vi.mock('@/features/preferences/preferences', () => ({ usePreferences: () => ({ currency: 'EUR' }) }))
vi.mock('./get-session', () => ({ useSession: () => ({ data: { customer: {} }, isSuccess: true }) }))

it('asks again for a list that was being asked for when it changed', async () => {
  const queries = new QueryClient()
  let first: (list: unknown) => void = () => undefined
  const lists = [new Promise((done) => (first = done)), Promise.resolve({ items: [{ id: 'prod_1' }] })]
  api.mockImplementation((call: string) => (call.startsWith('GET') ? lists.shift() : Promise.resolve()))
  const options = wishlistQuery('en', 'EUR')
  const stop = new QueryObserver(queries, options).subscribe(() => undefined)
  await hookResult(queries, () => useWished('prod_1')).change.mutateAsync(true)
  first({ items: [] }) // of before the change
  await vi.waitFor(() =>
    expect(queries.getQueryData(options.queryKey)).toEqual({ items: [{ id: 'prod_1' }] }),
  )
  stop()
})
