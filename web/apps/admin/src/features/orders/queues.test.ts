import { expect, it } from 'vitest'
import { deskHref, readDesk } from './queues'

const read = (href: string) => readDesk(new URLSearchParams(href.split('?')[1] ?? ''))

it('begins with what there is to do, and searches in all queues', () => {
  expect(read('/orders')).toMatchObject({ state: 'confirmed' })
  expect(read('/orders?q=S-1')).toMatchObject({ state: '', q: 'S-1' })
  expect(read('/orders?filter[state]=trouble')).toMatchObject({ state: 'trouble' })
  expect(read('/orders?state=waiting')).toMatchObject({ state: 'waiting' })
  expect(read('/orders?filter[state]=shipped')).toMatchObject({ state: 'shipped' })
})

it.each([
  { state: '', q: '', tag: '', cursor: '' },
  { state: 'shipped', q: '', tag: 'gift', cursor: 'c' },
  { state: '', q: 'oak & ash', tag: '', cursor: '' },
])('reads what it wrote: %j', (place) => expect(read(deskHref(place))).toEqual(place))
