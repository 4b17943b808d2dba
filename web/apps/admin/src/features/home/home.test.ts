import { expect, it } from 'vitest'
import { comparison } from './home'

it('compares with a week ago, and not with nothing', () => {
  expect(comparison(112, 100)).toBe('+12 % on a week ago')
  expect(comparison({ amount: 50, currency: 'EUR' }, { amount: 100, currency: 'EUR' })).toBe(
    '−50 % on a week ago',
  )
  expect(comparison(100, 100)).toBe('as a week ago')
  expect(comparison(3, 0)).toBe('none a week ago')
  expect(comparison(3, null)).toBe('')
})
