import { expect, it } from 'vitest'
import { filterText } from './filters'

it('reads a chosen filter in words', () => {
  const state = { name: 'state', label: 'State', type: 'select', options: [{ value: 'paid', label: 'Paid' }] }
  expect(filterText(state, 'state', 'paid,new')).toBe('State: Paid, new')
  expect(filterText({ name: 'x', label: 'Active', type: 'bool' }, 'x', 'false')).toBe('Active: No')
  const placed = { name: 'p', label: 'Placed', type: 'date' }
  expect(filterText(placed, 'p', '2026-11-01..2026-11-30')).toBe('Placed: 1 Nov 2026 to 30 Nov 2026')
  expect(filterText(placed, 'p', '2026-11-01..')).toBe('Placed: from 1 Nov 2026')
  expect(filterText(undefined, 'payment_state', 'due')).toBe('Payment state: due')
})
