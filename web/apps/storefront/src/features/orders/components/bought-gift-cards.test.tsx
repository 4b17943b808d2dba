import type { OrderGiftCard } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { renderHtml, renderWords } from '../../../../test/render'
import { BoughtGiftCards } from './bought-gift-cards'

const card = (more: Partial<OrderGiftCard>): OrderGiftCard => ({
  state: 'ordered',
  amount: { amount: 5000, currency: 'EUR' },
  ...more,
})

it('says whom each card is for and what became of it', () => {
  const cards = [
    card({ state: 'issued', code_hint: '7KQM', recipient_name: 'Ben', recipient_email: 'ben@example.test' }),
    card({ state: 'paid', send_on: '2026-12-24', recipient_email: 'cleo@example.test' }),
    card({}),
    card({ state: 'withdrawn' }),
  ]
  expect(renderWords('en', <BoughtGiftCards cards={cards} />)).toBe(
    'Gift card €50.00 for Ben sent, code ends in 7KQM ' +
      'Gift card €50.00 for cleo@example.test will be sent on 24 December 2026 ' +
      'Gift card €50.00 for you waits for the payment ' +
      'Gift card €50.00 for you taken back',
  )
  expect(renderWords('de', <BoughtGiftCards cards={cards} />)).toContain(
    'wird am 24. Dezember 2026 verschickt',
  )
})

it('shows nothing of a line of goods', () => {
  expect(renderHtml('en', <BoughtGiftCards cards={[]} />)).toBe('')
})
