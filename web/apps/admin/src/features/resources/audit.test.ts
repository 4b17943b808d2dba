import { expect, it } from 'vitest'
import { changedHref } from './audit'

const known = [{ name: 'products' }, { name: 'orders' }]
const row = (resource: string, object_id: string | null) => ({ id: '1', resource, object_id })

it('leads to what was changed, and nowhere when that has no page', () => {
  expect(changedHref(row('products', 'prd_1'), known)).toBe('/r/products/prd_1?tab=history')
  expect(changedHref(row('returns', 'ret_1'), known)).toBe('/returns/ret_1')
  expect(changedHref(row('webhooks', 'whk_1'), known)).toBe('/webhooks')
  expect(changedHref(row('shipments', 'shp_1'), known)).toBeNull()
  expect(changedHref(row('products', null), known)).toBeNull()
})
