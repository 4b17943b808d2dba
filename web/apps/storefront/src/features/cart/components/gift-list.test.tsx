import { expect, it } from 'vitest'
import { renderWords } from '../../../../test/render'
import { GiftList, groupGifts } from './gift-list'

it('names each recipient once, and how many cards they get', () => {
  const ben = { recipient_name: 'Ben', recipient_email: 'ben@example.test' }
  const gifts = [ben, {}, { ...ben }, { ...ben, send_on: '2026-12-24' }]
  expect(groupGifts(gifts).map(({ count }) => count)).toEqual([2, 1, 1])
  expect(renderWords('en', <GiftList gifts={gifts} />)).toBe(
    '2 × For Ben, ben@example.test 1 × Mailed to you 1 × For Ben, ben@example.test, on 24 December 2026',
  )
  expect(renderWords('en', <GiftList gifts={[{}]} />)).toBe('Mailed to you')
})
