import { expect, it } from 'vitest'
import type { Resource } from '../../api/types'
import { queueOf, queuesOf } from './queues'

const resource: Resource = {
  name: 'orders',
  label: 'Orders',
  group: 'Orders',
  columns: [],
  filters: [
    {
      name: 'state',
      label: 'State',
      type: 'select',
      options: ['pending_payment', 'confirmed', 'completed'].map((value) => ({ value, label: value })),
    },
  ],
  searchable: true,
  fields: [],
  inlines: [],
  actions: [],
  can: { create: false, update: false, delete: false, export: false, import: false },
}

it('has a queue for each state that waits, and one for all', () => {
  expect(queuesOf(resource).map((queue) => queue.label)).toEqual(['To do', 'Waiting for payment', 'All'])
  expect(queuesOf({ ...resource, filters: [] }).map((queue) => queue.key)).toEqual(['all'])
})

it('finds the queue of an address, with further filters as well', () => {
  const queues = queuesOf(resource)
  expect(queueOf(queues, { state: 'confirmed', country: 'DE' })?.key).toBe('confirmed')
  expect(queueOf(queues, { state: 'completed' })?.key).toBe('all')
})
