import { describe, expect, it } from 'vitest'
import { type Draft, emptyLine, wishOf } from './draft'

const line = (id: string, quantity: number, exchanges: { variant_id: string; available: number }[] = []) => ({
  line_id: id,
  sku: id,
  name: id,
  options_text: '',
  quantity,
  obstacle: 'none' as const,
  excluded_reason: '',
  exchanges: exchanges.map((one) => ({ ...one, sku: one.variant_id, options_text: one.variant_id })),
})
const returns = { returnable: [line('pen', 3, [{ variant_id: 'red', available: 1 }]), line('lamp', 0)] }
const draft = (lines: Draft['lines'], comment = ''): Draft => ({ lines, comment })

describe('what is sent of a filled in return', () => {
  it('is what was chosen, with the note trimmed', () => {
    const made = wishOf(
      returns,
      draft({ pen: { chosen: true, quantity: 2, reason: 'damaged', exchange: '' } }, '  Broken. '),
    )
    expect(made).toEqual({
      wish: { comment: 'Broken.', lines: [{ line_id: 'pen', quantity: 2, reason: 'damaged' }] },
    })
  })
  it('names the other goods of an exchange, as far as there are enough', () => {
    const one = { chosen: true, quantity: 1, reason: 'wrong_item' as const, exchange: 'red' }
    expect(wishOf(returns, draft({ pen: one }))).toEqual({
      wish: {
        comment: '',
        lines: [{ line_id: 'pen', quantity: 1, reason: 'wrong_item', exchange_variant_id: 'red' }],
      },
    })
    expect(wishOf(returns, draft({ pen: { ...one, quantity: 2 } }))).toEqual({
      problems: { pen: 'exchangeStock' },
    })
  })
  it('is refused without a line, and without a reason', () => {
    expect(wishOf(returns, draft({}))).toEqual({ problems: { '': 'nothing' } })
    expect(wishOf(returns, draft({ lamp: { ...emptyLine, chosen: true, reason: 'late' } }))).toEqual({
      problems: { '': 'nothing' },
    })
    expect(wishOf(returns, draft({ pen: { ...emptyLine, chosen: true } }))).toEqual({
      problems: { pen: 'reason' },
    })
  })
})
