import type { ShippingOption } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { usualOption } from './usual-option'

const way = (id: string, amount: number, kind: ShippingOption['kind'] = 'home'): ShippingOption =>
  ({ id, kind, name: id, price: { amount, currency: 'EUR' } }) as ShippingOption

it('is the first of the cheapest ways to the door', () => {
  expect(usualOption([way('express', 2580), way('standard', 490), way('post', 490)])?.id).toBe('standard')
  expect(usualOption([way('point', 0, 'service_point'), way('standard', 0)])?.id).toBe('standard')
})

it('is left open where only a pick-up point is cheapest, since not everybody can go there', () => {
  expect(usualOption([way('standard', 490), way('point', 290, 'service_point')])).toBeUndefined()
})

it('is the only one there is', () => {
  expect(usualOption([way('point', 290, 'service_point')])?.id).toBe('point')
  expect(usualOption([])).toBeUndefined()
})
