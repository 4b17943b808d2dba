import { ApiError, NetworkError } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { fieldErrors, problemText } from './problem'

it('finds the field a pointer means, also inside of rows', () => {
  const error = new ApiError({
    status: 422,
    code: 'http.invalid',
    errors: [
      { pointer: '/price/amount', code: 'range', message: 'must not be negative' },
      { pointer: '/values/sku', code: 'taken', message: 'is taken' },
      { pointer: '/lines/1/quantity', code: 'range', message: 'is too much' },
      { pointer: '/a~1b', code: 'required', message: '' },
    ],
  })
  expect(fieldErrors(error)).toEqual({
    price: 'Must not be negative',
    'price.amount': 'Must not be negative',
    sku: 'Is taken',
    lines: 'Is too much',
    'lines.1.quantity': 'Is too much',
    'a/b': 'Required',
  })
})

it('prefers its own words, then those of the server', () => {
  expect(problemText(new ApiError({ status: 403, code: 'staff.over_limit', detail: 'x' }))).toMatch(/amount/)
  expect(
    problemText(new ApiError({ status: 409, code: 'orders.state', detail: 'It has been shipped.' })),
  ).toBe('It has been shipped.')
  expect(problemText(new NetworkError(null))).toMatch(/reached/)
})
