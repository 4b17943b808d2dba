import { expect, it } from 'vitest'
import { changesBetween, valueText } from './changes'

it('names the fields that changed, and none of the bookkeeping', () => {
  expect(
    changesBetween(
      { name: 'a', price: { amount: 1, currency: 'EUR' }, version: 1 },
      { name: 'b', price: { currency: 'EUR', amount: 1 }, version: 2 },
    ),
  ).toEqual([{ name: 'name', before: 'a', after: 'b' }])
  expect(changesBetween(null, { name: 'a' })).toEqual([{ name: 'name', before: null, after: 'a' }])
})

it('reads values in one line', () => {
  expect(valueText({ amount: 129900, currency: 'EUR' })).toBe('€1,299.00')
  expect(valueText({ en: 'Chair', de: '' })).toBe('en: Chair / de: empty')
  expect(valueText([])).toBe('none')
})
