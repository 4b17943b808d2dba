import { expect, it } from 'vitest'
import { isUnderWay, pauseAfter, returnedWith } from './returned'

const read = (query: string) => returnedWith(new URLSearchParams(query))

it.each([
  ['attempt=pat_01h&tx=24000123', { attempt: 'pat_01h', paid: true }],
  ['attempt=pat_01h', { attempt: 'pat_01h', paid: false }],
  ['attempt=pat_01h&tx=', { attempt: 'pat_01h', paid: false }],
  ['attempt=pat_01h&tx={TRANSACTION_ID}', { attempt: 'pat_01h', paid: false }],
  ['attempt=../x&tx=1', { attempt: '', paid: true }],
  ['', { attempt: '', paid: false }],
])('reads %s', (query, known) => {
  expect(read(query)).toEqual(known)
})

it('waits for what was paid on a page, and for nothing that was left there', () => {
  expect(isUnderWay('redirect', read('attempt=pat_1&tx=1'))).toBe(true)
  expect(isUnderWay('redirect', read('attempt=pat_1'))).toBe(false)
  expect(isUnderWay('processing', read('attempt=pat_1'))).toBe(true)
  expect(isUnderWay('completed', read('attempt=pat_1&tx=1'))).toBe(false)
})

it('asks less and less often', () => {
  expect([1, 2, 3, 5, 20].map(pauseAfter)).toEqual([3000, 3750, 4688, 7324, 20_000])
})
