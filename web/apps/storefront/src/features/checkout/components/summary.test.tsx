import type { Checkout } from '@stoa/api-client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NextIntlClientProvider } from 'next-intl'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import cart from '../../../../messages/en/cart.json'
import checkout from '../../../../messages/en/checkout.json'
import common from '../../../../messages/en/common.json'
import { wordsOf } from '../../../../test/render'
import { Summary } from './summary'

const euros = (amount: number) => ({ amount, currency: 'EUR' })

function wordsFor(lines: number, open: boolean): string {
  const names = Array.from({ length: lines }, (_, index) => `Piece ${index + 1}.`)
  const state = {
    cart: {
      lines: names.map((name) => ({
        id: name,
        name,
        quantity: 1,
        unit_price: euros(100),
        line_total: euros(100),
        subtotal: euros(100),
        total: euros(100),
        discount: euros(0),
        issues: [],
        gifts: [],
      })),
      promotions: [],
      codes: [],
      needs_delivery: true,
    },
    totals: {
      subtotal: euros(100),
      discount: euros(0),
      total: euros(100),
      tax: euros(0),
      tax_included: true,
      tax_lines: [],
    },
    credits: [],
    due: euros(100),
  } as unknown as Checkout
  return wordsOf(
    renderToStaticMarkup(
      <QueryClientProvider client={new QueryClient()}>
        <NextIntlClientProvider
          locale="en"
          timeZone="Europe/Amsterdam"
          messages={{ cart, checkout, common, errors: {} }}
        >
          <Summary checkout={state} open={open} />
        </NextIntlClientProvider>
      </QueryClientProvider>,
    ),
  )
}

it('says how many products it does not show', () => {
  const words = wordsFor(11, false)
  expect(words).toContain('Piece 4.')
  expect(words).not.toContain('Piece 5.')
  expect(words).toContain('Show all 11 products')
})

it.each([
  [11, true],
  [5, false],
])('hides none of %i before the order is placed, nor a single one (%s)', (lines, open) => {
  const words = wordsFor(lines, open)
  expect(words).toContain(`Piece ${lines}.`)
  expect(words).not.toContain('Show all')
})
