import type { PaymentOutcome } from '@stoa/api-client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NextIntlClientProvider } from 'next-intl'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import checkout from '../../../../messages/en/checkout.json'
import common from '../../../../messages/en/common.json'
import { wordsOf } from '../../../../test/render'
import { PayPage } from './pay-page'

const search = vi.hoisted(() => ({ value: '' }))
vi.mock('@/lib/use-search', () => ({ useSearch: () => [search.value, () => undefined] }))
vi.mock('@/lib/use-hydrated', () => ({ useHydrated: () => true }))
vi.mock('@/lib/api', () => ({ api: vi.fn() }))

function page(query: string, outcome: Pick<PaymentOutcome, 'status' | 'redirect_url'>) {
  search.value = `token=t&${query}`
  const queries = new QueryClient()
  queries.setQueryData(['order-payment', 't', 'pat_1'], { order_number: 'S-1', order_token: 't', ...outcome })
  return wordsOf(
    renderToStaticMarkup(
      <QueryClientProvider client={queries}>
        <NextIntlClientProvider
          locale="en"
          timeZone="Europe/Amsterdam"
          messages={{ checkout, common, errors: {} }}
        >
          <PayPage />
        </NextIntlClientProvider>
      </QueryClientProvider>,
    ),
  )
}
const open = { status: 'redirect', redirect_url: 'https://pay.example/page' } as const

it.each(['attempt=pat_1', 'attempt=pat_1&tx='])(
  'offers another way to who left the page of the bank: %s',
  (query) => {
    expect(page(query, open)).toContain(checkout.pay.again)
  },
)

it('asks nobody to pay again who has paid there, while the provider does not list it yet', () => {
  const words = page('attempt=pat_1&tx=24000123', open)
  expect(words).not.toContain(checkout.pay.again)
  expect(words).toContain(checkout.pay.processingTitle)
})

it('says that it is paid once the provider lists it', () => {
  expect(page('attempt=pat_1&tx=24000123', { status: 'completed' })).toContain(checkout.pay.doneTitle)
})
