import { expect, it } from 'vitest'
import { renderWords } from '../../../../test/render'
import { Backordered } from './backordered'

it('says how many are on order, and when they are expected', () => {
  expect(renderWords('en', <Backordered count={2} day="2026-12-24" />)).toBe(
    '2 are on order, expected 24 December 2026',
  )
  expect(renderWords('de', <Backordered count={1} day="2026-12-24" />)).toBe(
    '1 Stück ist bestellt, erwartet am 24. Dezember 2026',
  )
})

it('promises no day that nobody knows, and says nothing of what is there', () => {
  expect(renderWords('en', <Backordered count={1} day={null} />)).toBe(
    '1 is on order. We write to you as soon as we send it.',
  )
  expect(renderWords('en', <Backordered count={null} day={null} />)).toBe('')
})
