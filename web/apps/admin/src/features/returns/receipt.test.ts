import { describe, expect, it } from 'vitest'
import type { Return } from '../../api/returns'
import { readPlace, returnsHref } from './queues'
import { receiptOf, wholeReceipt } from './receipt'

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

describe('the place of the returns', () => {
  it('begins with what there is to decide, and searches everywhere', () => {
    expect(readPlace(new URLSearchParams())).toEqual({ state: 'requested', q: '', cursor: '' })
    expect(readPlace(new URLSearchParams('q=R-1'))).toEqual({ state: '', q: 'R-1', cursor: '' })
    expect(returnsHref({ state: '' })).toBe('/returns?state=')
    expect(returnsHref({ state: '', q: 'R-1' })).toBe('/returns?q=R-1')
  })
})
