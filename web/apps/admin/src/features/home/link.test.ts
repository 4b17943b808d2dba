import { expect, it } from 'vitest'
import { pageOf } from './link'

it('leads to the desk for orders, to the list for other resources', () => {
  expect(pageOf('orders?filter[state]=paid')).toBe('/orders?filter[state]=paid')
  expect(pageOf('/admin/r/products')).toBe('/r/products')
  expect(pageOf('/resources/products?q=x')).toBe('/r/products?q=x')
  expect(pageOf('orders?filter[payment_state]=failed')).toBe('/r/orders?filter[payment_state]=failed')
  expect(pageOf('/jobs')).toBe('/jobs')
  expect(pageOf('payment-cases')).toBe('/payment-cases')
  expect(pageOf('')).toBeUndefined()
})
