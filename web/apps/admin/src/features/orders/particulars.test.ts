import type { Order } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { byHandOf, isByHand } from './by-hand'
import { particularsOf } from './particulars'

const address = {
  first_name: 'Ana',
  last_name: 'Ruiz',
  line1: 'Torstr. 1',
  postal_code: '10115',
  city: 'Berlin',
  country: 'DE',
}
const order = {
  email: 'ana@example.test',
  shipping_address: address,
  billing_address: { ...address, company: null },
} as unknown as Order

it('asks for what differs from the order', () => {
  expect(
    particularsOf(order, {
      shipping_address: { ...address, line2: '  ' },
      billing_address: { ...address, company: 'Ruiz GmbH' },
      email: ' ana.ruiz@example.test ',
      delivery: { option_id: 'own:express' },
    }),
  ).toEqual({
    wish: {
      billing_address: {
        first_name: 'Ana',
        last_name: 'Ruiz',
        company: 'Ruiz GmbH',
        line1: 'Torstr. 1',
        postal_code: '10115',
        city: 'Berlin',
        country: 'DE',
      },
      email: 'ana.ruiz@example.test',
      delivery: { option_id: 'own:express' },
    },
  })
  expect(particularsOf(order, { email: 'ana@example.test', billing_address: address })).toEqual({ wish: {} })
})

it('says what is missing', () => {
  expect(particularsOf(order, { email: 'ana', shipping_address: { ...address, city: ' ' } })).toEqual({
    errors: { email: 'Should look like ana@shop.example.', 'shipping_address.city': 'City is missing.' },
  })
})

it('sends what was typed about a shipment without a label', () => {
  expect(byHandOf({ carrier: ' Bike ', numbers: ['', 'B2', ' '], url: '' })).toEqual({
    carrier: 'Bike',
    tracking_numbers: ['', 'B2'],
  })
  expect(byHandOf({ carrier: '', numbers: [''], url: ' https://x.example/1 ' })).toEqual({
    tracking_url: 'https://x.example/1',
  })
  const shipment = { left_at: '2026-11-01T00:00:00Z', announced_at: null }
  expect(isByHand(shipment as never)).toBe(true)
  expect(isByHand({ ...shipment, announced_at: '2026-11-01T00:00:00Z' } as never)).toBe(false)
  expect(isByHand({ left_at: null, announced_at: null } as never)).toBe(false)
})
