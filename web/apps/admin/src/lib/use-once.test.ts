import { expect, it } from 'vitest'
import { oneKey } from './use-once'

it('keeps the key of a wish until it is answered', () => {
  const key = oneKey()
  const first = key.of({ lines: [{ id: 'a', quantity: 1 }] })
  expect(key.of({ lines: [{ id: 'a', quantity: 1 }] })).toBe(first)
  key.answered()
  expect(key.of({ lines: [{ id: 'a', quantity: 1 }] })).not.toBe(first)
})

it('has another key for another wish: the server would refuse the old one', () => {
  const key = oneKey()
  const first = key.of({ lines: [{ id: 'a', quantity: 1 }] })
  expect(key.of({ lines: [{ id: 'a', quantity: 2 }] })).not.toBe(first)
  const bare = oneKey()
  expect(bare.of(undefined)).toBe(bare.of(undefined))
})
