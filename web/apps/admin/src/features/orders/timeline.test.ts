import { expect, it } from 'vitest'
import { entryDetail } from './timeline'

it('says which parcel, how much, why and who, and no id', () => {
  expect(entryDetail('S-100038', { data: { number: 1, shipment: 'shp_01m8' } })).toBe('S-100038-1')
  expect(
    entryDetail('S-1', {
      data: { amount: 12900, currency: 'EUR', number: 'S-1', refund_id: 'orf_1', order_id: 'ord_1' },
    }),
  ).toBe('€129.00')
  expect(entryDetail('S-1', { data: { reason: 'Too late', staff: 'stf_01m8', by: 'Chris Clerk' } })).toBe(
    'Too late · by Chris Clerk',
  )
  expect(entryDetail('S-1', { data: {} })).toBe('')
})

it('says of a mail what it is about, to whom it went and what stood in its way', () => {
  expect(
    entryDetail('S-1', {
      data: { subject: 'Your invoice INV-100001', to: 'ana@example.test', problem: '451 later' },
    }),
  ).toBe('Your invoice INV-100001 · ana@example.test · 451 later')
})
