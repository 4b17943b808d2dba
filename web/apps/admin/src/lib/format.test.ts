import { expect, it } from 'vitest'
import { ago, countryName, date, languageName, toneOf, words } from './format'

const now = new Date('2026-11-27T12:00:00Z').getTime()

it('says how long ago within a day, and the day after that', () => {
  expect(ago('2026-11-27T11:59:40Z', now)).toBe('just now')
  expect(ago('2026-11-27T11:55:00Z', now)).toBe('5 minutes ago')
  expect(ago('2026-11-27T09:00:00Z', now)).toBe('3 hours ago')
  expect(ago('2026-11-20T12:00:00Z', now)).toBe('20 Nov')
  expect(ago('2025-11-20T12:00:00Z', now)).toBe('20 Nov 2025')
})

it('keeps a calendar day the same day in every time zone, and text that is none', () => {
  expect(date('2026-03-01')).toBe('1 Mar 2026')
  expect(date('soon')).toBe('soon')
})

it('turns codes into words and a colour', () => {
  expect(words('awaiting_payment')).toBe('Awaiting payment')
  expect(toneOf('paid')).toBe('success')
  expect(toneOf('something_new')).toBe('neutral')
})

it('calls countries and languages by their names', () => {
  expect([countryName('DE'), countryName('NL'), countryName(''), countryName('Narnia')]).toEqual([
    'Germany',
    'Netherlands',
    '',
    'Narnia',
  ])
  expect([languageName('de'), languageName('x')]).toEqual(['German', 'x'])
})
