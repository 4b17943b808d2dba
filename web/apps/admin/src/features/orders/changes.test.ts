import { expect, it } from 'vitest'
import type { OrderMoney } from '../../api/orders'
import { editOf } from './changes'

const euro = (amount: number) => ({ amount, currency: 'EUR' })
const line = (line_id: string, quantity: number) => ({
  line_id,
  sku: line_id,
  name: line_id,
  options_text: '',
  quantity,
  shipped: 0,
  refunded: 0,
  left: euro(1000),
})
const data: OrderMoney = {
  version: 3,
  total: euro(4000),
  captured: euro(4000),
  refunded: euro(0),
  pending: euro(0),
  refundable: euro(4000),
  owed: euro(0),
  payable: euro(0),
  due: euro(0),
  as_credit: euro(0),
  written_off: euro(0),
  shipping: euro(490),
  shipping_left: euro(490),
  lines: [line('a', 3), line('b', 1)],
  refunds: [],
}

it('asks for what differs, and for nothing else', () => {
  expect(
    editOf(data, { quantities: { a: '3', b: '0' }, articles: [], shipping: '', discount: '5,00' }),
  ).toEqual({
    wish: { lines: [{ line_id: 'b', quantity: 0 }], discount: euro(500) },
  })
})

it('says what cannot be read, and that nothing is changed yet', () => {
  expect(editOf(data, { quantities: { a: '-1' }, articles: [], shipping: 'free', discount: '-5' })).toEqual({
    errors: {
      a: 'Should be a number.',
      shipping: 'Should be an amount, such as 10.00.',
      discount: 'Should be an amount, such as 10.00.',
    },
  })
  expect(editOf(data, { quantities: { a: '3' }, articles: [], shipping: '', discount: '' })).toEqual({
    errors: { form: 'Nothing is changed yet.' },
  })
})

it('asks for other goods, and waits until each line of them is filled in', () => {
  const lamp = { key: 0, variant: { id: 'var_lamp', label: 'LAMP' }, quantity: '2' }
  const draft = { quantities: {}, articles: [lamp], shipping: '', discount: '' }
  expect(editOf(data, draft)).toEqual({
    wish: { lines: [], articles: [{ variant_id: 'var_lamp', quantity: 2 }] },
  })
  const half = { ...draft, articles: [lamp, { key: 1, variant: null, quantity: '1' }] }
  expect(editOf(data, half)).toEqual({
    errors: { articles: 'Choose the goods and how many, or remove the line.' },
  })
})
