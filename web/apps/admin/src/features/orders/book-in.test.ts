import { expect, it } from 'vitest'
import type { Shipment } from '../../api/orders'
import { cameBack, isInTrouble } from './book-in'

const shipment = (change: Partial<Shipment>): Shipment => ({
  id: 'shp_1',
  order_id: 'ord_1',
  number: 1,
  order_number: 'S-1',
  warehouse_id: 'whs_1',
  state: 'returned',
  carrier: '',
  option_code: '',
  to: { name: 'Ana', line1: 'Torstr. 1', postal_code: '10115', city: 'Berlin', country: 'DE' },
  problems: [],
  lines: [
    { parcel: 1, line_id: 'a', sku: 'A', name: 'Lamp', quantity: 1 },
    { parcel: 2, line_id: 'a', sku: 'A', name: 'Lamp', quantity: 2 },
    { parcel: 3, line_id: 'b', sku: 'B', name: 'Pen', quantity: 4 },
  ],
  parcels: ['returned', 'returned', 'delivered'].map((state, index) => ({
    position: index + 1,
    weight_grams: 100,
    tracking_number: '',
    state,
    status: '',
  })),
  created_at: '2026-11-28T12:00:00Z',
  left_at: '2026-11-28T13:00:00Z',
  ...change,
})

it('asks about what did not arrive, each line once', () => {
  expect(cameBack(shipment({}))).toEqual([{ id: 'a', name: 'Lamp', sku: 'A', quantity: 3 }])
})

it('asks once, and only about what has left', () => {
  expect(isInTrouble(shipment({}))).toBe(true)
  expect(isInTrouble(shipment({ state: 'exception' }))).toBe(true)
  expect(isInTrouble(shipment({ booked_in_at: '2026-11-28T14:00:00Z' }))).toBe(false)
  expect(isInTrouble(shipment({ left_at: null }))).toBe(false)
  expect(isInTrouble(shipment({ state: 'in_transit' }))).toBe(false)
})
