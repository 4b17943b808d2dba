import { expect, it } from 'vitest'
import { emptyGift, firstDay, giftProblems, lastDay, toDraft, toGift } from './gift'

const now = new Date('2026-11-28T23:30:00Z')

it('needs nothing: the card then goes to the buyer', () => {
  expect(giftProblems(emptyGift, now)).toEqual({})
  expect(toGift(emptyGift)).toEqual({})
})

it('sends what was typed and leaves out the rest', () => {
  const draft = { ...emptyGift, email: ' ben@example.test ', message: 'Happy birthday', name: '   ' }
  expect(toGift(draft)).toEqual({ recipient_email: 'ben@example.test', message: 'Happy birthday' })
})

it('finds wrong addresses and days that cannot be', () => {
  const on = (day: string) => giftProblems({ ...emptyGift, day }, now).day
  expect(giftProblems({ ...emptyGift, email: 'ben@' }, now)).toEqual({ email: 'emailBad' })
  expect(on('2026-11-27')).toBe('dayPast')
  expect(on(firstDay(now))).toBeUndefined()
  expect(on(lastDay(now))).toBeUndefined()
  expect(on('2027-12-01')).toBe('dayFar')
})

it('what is in the cart can be changed, and stays what it was where nothing was typed', () => {
  const gift = { recipient_name: 'Ben', message: 'Happy birthday', send_on: '2026-12-24' }
  expect(toGift(toDraft(gift))).toEqual(gift)
  expect(toGift(toDraft({ recipient_email: null }))).toEqual({})
})
