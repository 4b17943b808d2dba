import { render, screen } from '@testing-library/react'
import { NextIntlClientProvider } from 'next-intl'
import { expect, it } from 'vitest'
import cart from '../../../../messages/en/cart.json'
import { Backordered } from './backordered'

const show = (count: number | null, day: string | null) =>
  render(
    <NextIntlClientProvider locale="en" messages={{ cart }}>
      <Backordered count={count} day={day} />
    </NextIntlClientProvider>,
  )

it('says how many are on order, and when they are expected', () => {
  show(2, '2026-12-24')
  expect(screen.getByText('2 are on order, expected 24 December 2026')).toBeTruthy()
})

it('promises no day that nobody knows', () => {
  show(1, null)
  expect(screen.getByText('1 is on order. We write to you as soon as we send it.')).toBeTruthy()
})

it('says nothing of what is there', () => {
  expect(show(null, null).container.textContent).toBe('')
})
