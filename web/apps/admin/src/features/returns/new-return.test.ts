import { expect, it } from 'vitest'
import { newReturnOf, type ReturnDraft } from './new-return'

const goods = [
  { id: 'a', quantity: 2 },
  { id: 'b', quantity: 1 },
]
const draft = (lines: ReturnDraft['lines'], rest: Partial<ReturnDraft> = {}): ReturnDraft => ({
  lines,
  comment: '',
  override: false,
  ...rest,
})

it('asks for what comes back, and why', () => {
  expect(newReturnOf(goods, draft({}))).toEqual({ errors: { '': 'Say what comes back.' } })
  expect(newReturnOf(goods, draft({ a: { units: '0', reason: '', comment: '' } }))).toEqual({
    errors: { '': 'Say what comes back.' },
  })
  expect(
    newReturnOf(
      goods,
      draft({
        a: { units: '3', reason: 'damaged', comment: '' },
        b: { units: '1', reason: '', comment: '' },
      }),
    ),
  ).toEqual({ errors: { a: 'At most 2 can come back.', b: 'Say why.' } })
})

it('sends what was said and nothing else', () => {
  expect(newReturnOf(goods, draft({ a: { units: ' 1 ', reason: 'damaged', comment: ' ' } }))).toEqual({
    wish: { lines: [{ line_id: 'a', quantity: 1, reason: 'damaged' }] },
  })
  expect(
    newReturnOf(
      goods,
      draft(
        { b: { units: '1', reason: 'late', comment: ' a week ' } },
        { comment: ' Called. ', override: true },
      ),
    ),
  ).toEqual({
    wish: {
      lines: [{ line_id: 'b', quantity: 1, reason: 'late', comment: 'a week' }],
      comment: 'Called.',
      override: true,
    },
  })
})
