import { expect, it } from 'vitest'
import { renderHtml, renderWords } from '../../../../test/render'
import { GiftList, groupGifts, replaceGifts } from './gift-list'

it('names each recipient once, and how many cards they get', () => {
  const ben = { recipient_name: 'Ben', recipient_email: 'ben@example.test' }
  const gifts = [ben, {}, { ...ben }, { ...ben, send_on: '2026-12-24' }]
  expect(groupGifts(gifts).map(({ count }) => count)).toEqual([2, 1, 1])
  expect(renderWords('en', <GiftList gifts={gifts} />)).toBe(
    '2 × For Ben, ben@example.test 1 × Mailed to you 1 × For Ben, ben@example.test, on 24 December 2026',
  )
  expect(renderWords('en', <GiftList gifts={[{}]} />)).toBe('Mailed to you')
})

it('offers to change each entry, and changes no other', () => {
  const ben = { recipient_name: 'Ben', recipient_email: null }
  const gifts = [ben, { recipient_name: 'Cleo' }, { recipient_name: 'Ben' }]
  const html = renderHtml('en', <GiftList gifts={gifts} onChange={() => {}} />)
  expect(html.match(/<button/g)).toHaveLength(2)
  expect(html).toContain('aria-label="Change: For Cleo"')
  expect(replaceGifts(gifts, ben, { recipient_name: 'Dora' })).toEqual([
    { recipient_name: 'Dora' },
    { recipient_name: 'Cleo' },
    { recipient_name: 'Dora' },
  ])
})
