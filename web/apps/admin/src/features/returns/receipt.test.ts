import { describe, expect, it } from 'vitest'
import type { Return } from '../../api/returns'
import { readPlace, returnsHref } from './queues'
import { receiptOf, sentFrom, wholeReceipt } from './receipt'

const one = {
  lines: [
    { line_id: 'a', quantity: 2 },
    { line_id: 'b', quantity: 1 },
  ],
} as Return

describe('a receipt', () => {
  it('begins with everything back on stock', () => {
    expect(receiptOf(one, wholeReceipt(one))).toEqual({
      lines: [
        { line_id: 'a', received: 2, restocked: 2, condition: 'as_new' },
        { line_id: 'b', received: 1, restocked: 1, condition: 'as_new' },
      ],
    })
  })
  it('refuses more than was asked for, and more on stock than came', () => {
    const draft = wholeReceipt(one)
    expect(receiptOf(one, { ...draft, a: { received: '3', restocked: '1', condition: 'used' } })).toEqual({
      errors: { a: 'At most 2 can come back.' },
    })
    expect(receiptOf(one, { ...draft, a: { received: '1', restocked: '2', condition: 'used' } })).toEqual({
      errors: { a: 'At most 1 can go back to stock.' },
    })
    expect(receiptOf(one, { ...draft, a: { received: '1.5', restocked: '0', condition: 'used' } })).toEqual({
      errors: { a: 'At most 2 can come back.' },
    })
  })
  it('needs something that came', () => {
    const none = { received: '', restocked: '', condition: 'as_new' }
    expect(receiptOf(one, { a: none, b: none })).toEqual({ errors: { '': 'Say what came back.' } })
  })
})

it('says where a receipt is booked that names no warehouse', () => {
  const warehouses = [
    { id: 'w1', name: 'Main' },
    { id: 'w2', name: 'South' },
    { id: 'w3', name: 'North' },
  ]
  const from = (...ids: (string | null)[]) =>
    sentFrom({ lines: ids.map((warehouse_id) => ({ warehouse_id })) } as Return, warehouses)
  expect(from('w2', 'w2')).toBe('Where they came from: South')
  expect(from('w2', 'w1')).toBe('Where they came from: Main, South')
  expect(from(null, 'gone')).toBe('Where they came from')
})

describe('the place of the returns', () => {
  it('begins with what there is to decide, and searches everywhere', () => {
    expect(readPlace(new URLSearchParams())).toEqual({ state: 'requested', q: '', cursor: '' })
    expect(readPlace(new URLSearchParams('q=R-1'))).toEqual({ state: '', q: 'R-1', cursor: '' })
    expect(returnsHref({ state: '' })).toBe('/returns?state=')
    expect(returnsHref({ state: '', q: 'R-1' })).toBe('/returns?q=R-1')
  })
})
