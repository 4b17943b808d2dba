import type { PaymentOutcome } from '@stoa/api-client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NextIntlClientProvider } from 'next-intl'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it, vi } from 'vitest'
import checkout from '../../../../messages/en/checkout.json'
import common from '../../../../messages/en/common.json'
import { wordsOf } from '../../../../test/render'
import { ReturnPage } from './return-page'

const search = vi.hoisted(() => ({ value: '' }))
vi.mock('@/lib/use-search', () => ({ useSearch: () => [search.value, () => undefined] }))
vi.mock('@/lib/use-hydrated', () => ({ useHydrated: () => true }))
vi.mock('next/navigation', () => ({ useRouter: () => ({ replace: () => undefined }) }))
vi.mock('@/lib/api', () => ({ api: vi.fn() }))

const open: PaymentOutcome = {
  status: 'redirect',
  order_number: 'S-1',
  order_token: 'token',
  redirect_url: 'https://pay.example/page',
}

let queries: QueryClient
beforeEach(() => {
  queries = new QueryClient()
  queries.setQueryData(['payment', 'pat_1', 'return'], open)
})

const page = (query: string) => {
  search.value = query
  return wordsOf(
    renderToStaticMarkup(
      <QueryClientProvider client={queries}>
        <NextIntlClientProvider
          locale="en"
          timeZone="Europe/Amsterdam"
          messages={{ checkout, common, errors: {} }}
        >
          <ReturnPage />
        </NextIntlClientProvider>
      </QueryClientProvider>,
    ),
  )
}

it.each(['attempt=pat_1', 'attempt=pat_1&tx='])(
  'offers another way to who left the page of the bank: %s',
  (query) => {
    expect(page(query)).toContain(checkout.return.openOther)
  },
)

it('asks nobody to pay again who has paid there, while the provider does not list it yet', () => {
  const words = page('attempt=pat_1&tx=24000123')
  expect(words).not.toContain(checkout.return.openOther)
  expect(words).toContain(checkout.return.title)
})
