import { expect, it } from 'vitest'
import type { OrderMoney } from '../../api/orders'
import { asCredit, holdsUnsent, wishOf } from './refunds'

const euro = (amount: number) => ({ amount, currency: 'EUR' })
const data: OrderMoney = {
  version: 3,
  total: euro(10000),
  captured: euro(10000),
  refunded: euro(0),
  pending: euro(0),
  refundable: euro(10000),
  owed: euro(0),
  payable: euro(0),
  due: euro(0),
  as_credit: euro(0),
  written_off: euro(0),
  shipping: euro(490),
  shipping_left: euro(490),
  lines: [
    {
      line_id: 'a',
      sku: 'A',
      name: 'Chair',
      options_text: '',
      quantity: 3,
      shipped: 3,
      refunded: 1,
      left: euro(5000),
    },
    {
      line_id: 'b',
      sku: 'B',
      name: 'Lamp',
      options_text: '',
      quantity: 1,
      shipped: 0,
      refunded: 0,
      left: euro(2000),
    },
  ],
  refunds: [],
}

it('asks for the units, the delivery and the amount that were chosen', () => {
  expect(wishOf(data, { quantities: { a: '2', b: '0' }, shipping: true, adjustment: '-5,00' })).toEqual({
    wish: { lines: [{ line_id: 'a', quantity: 2 }], shipping: euro(490), adjustment: euro(-500) },
  })
})

it('gives store credit instead of money where that is chosen', () => {
  expect(
    wishOf(data, { quantities: { a: '1' }, shipping: false, adjustment: '', asStoreCredit: true }),
  ).toEqual({
    wish: { lines: [{ line_id: 'a', quantity: 1 }], as_store_credit: true },
  })
})

it('sends what is refunded all the same only where that is chosen, and of what is still here', () => {
  const of = (quantities: Record<string, string>, stillSent: boolean) =>
    wishOf(data, { quantities, shipping: false, adjustment: '', stillSent })
  expect(of({ b: '1' }, true)).toEqual({ wish: { lines: [{ line_id: 'b', quantity: 1 }], still_sent: true } })
  expect(of({ b: '1' }, false)).toEqual({ wish: { lines: [{ line_id: 'b', quantity: 1 }] } })
  expect(of({ a: '1' }, true)).toEqual({ wish: { lines: [{ line_id: 'a', quantity: 1 }] } })
  expect(holdsUnsent(data, { quantities: { a: '1', b: '0' }, shipping: false, adjustment: '' })).toBe(false)
})

it('refuses more units than are left, and nothing at all', () => {
  expect(wishOf(data, { quantities: { a: '3' }, shipping: false, adjustment: '' })).toEqual({
    errors: { a: 'At most 2.' },
  })
  expect(wishOf(data, { quantities: {}, shipping: false, adjustment: '0' })).toEqual({
    errors: { form: 'Choose what is refunded.' },
  })
  expect(wishOf(data, { quantities: {}, shipping: false, adjustment: 'much' })).toHaveProperty(
    'errors.adjustment',
  )
})

it('calls store credit what it is for a guest', () => {
  expect(asCredit(data)).toBe('as store credit')
  expect(asCredit({ ...data, gift_card_to: 'ana@example.test' })).toBe('as a gift card')
})
