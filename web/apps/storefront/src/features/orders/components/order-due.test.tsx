import type { OrderPayment } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { renderHtml, wordsOf } from '../../../../test/render'
import { DueNotice } from './order-due'

const euro = (amount: number) => ({ amount, currency: 'EUR' })
const payment = (more: Partial<OrderPayment> = {}): OrderPayment => ({
  order_number: 'S-100001',
  total: euro(28_800),
  due: euro(999),
  processing: false,
  items: [],
  ...more,
})

it('leads to the payment of what became due, with the token of the link', () => {
  const html = renderHtml('en', <DueNotice payment={payment()} token="t k" />)
  expect(wordsOf(html)).toBe('€9.99 is left to pay Your order was changed. Its total is now €288.00. Pay now')
  expect(html).toContain('href="/en/pay?token=t+k"')
})

it('speaks the language of the shop', () => {
  const html = renderHtml('de', <DueNotice payment={payment()} token="tk" />)
  expect(wordsOf(html)).toMatch(/^9,99.€ sind noch zu zahlen .* Jetzt bezahlen$/)
  expect(html).toContain('href="/de/pay?token=tk"')
})

it('asks for nothing while a payment is under way', () => {
  const html = renderHtml('en', <DueNotice payment={payment({ processing: true })} token="tk" />)
  expect(wordsOf(html)).toBe('A payment is under way We are waiting for your bank. You need not do anything.')
  expect(html).not.toContain('href')
})

it('says nothing when nothing is due', () => {
  expect(renderHtml('en', <DueNotice payment={payment({ due: euro(0) })} token="tk" />)).toBe('')
})
