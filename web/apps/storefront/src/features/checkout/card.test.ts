import { describe, expect, it } from 'vitest'
import {
  brandOf,
  cvvLength,
  formatCardNumber,
  formatExpiry,
  formatIban,
  isCardNumber,
  isExpired,
  isIban,
  parseExpiry,
} from './card'

describe('a card number', () => {
  it.each([
    ['4111111111111111', '4111 1111 1111 1111'],
    ['41 11-1', '4111 1'],
    ['378282246310005', '3782 822463 10005'],
    ['4000 0000 0000 0000 123', '4000 0000 0000 0000123'],
    ['', ''],
    ['4', '4'],
  ])('%s is written as %s', (typed, shown) => {
    expect(formatCardNumber(typed)).toBe(shown)
  })
  it.each([
    '4111111111111111',
    '4000012892688323',
    '4000000000000002',
    '5555 5555 5555 4444',
    '378282246310005',
  ])('%s is one', (number) => expect(isCardNumber(number)).toBe(true))
  it.each(['4111111111111112', '4111', '', '41111111111111111111111'])('%s is none', (number) =>
    expect(isCardNumber(number)).toBe(false),
  )
  it('tells its brand, and so how long the security code is', () => {
    expect(brandOf('4')).toBe('Visa')
    expect(brandOf('2221')).toBe('Mastercard')
    expect(brandOf('6304')).toBe('Maestro')
    expect(brandOf('9')).toBeUndefined()
    expect(cvvLength('34')).toBe(4)
    expect(cvvLength('4111')).toBe(3)
  })
})

describe('an expiry date', () => {
  it.each([
    ['0', '0'],
    ['5', '05'],
    ['05', '05'],
    ['052', '05 / 2'],
    ['0529', '05 / 29'],
    ['05/2029', '05 / 29'],
    ['5/29', '05 / 29'],
    ['1/29', '01 / 29'],
    ['12', '12'],
    ['1229', '12 / 29'],
  ])('typed as %s shows as %s', (typed, shown) => expect(formatExpiry(typed)).toBe(shown))
  it('is read, or is none', () => {
    expect(parseExpiry('05 / 29')).toEqual({ month: '05', year: '2029' })
    expect(parseExpiry('13 / 29')).toBeUndefined()
    expect(parseExpiry('05 / 2')).toBeUndefined()
  })
  it('counts until the end of its month', () => {
    const today = new Date(2026, 10, 30)
    expect(isExpired({ month: '11', year: '2026' }, today)).toBe(false)
    expect(isExpired({ month: '10', year: '2026' }, today)).toBe(true)
    expect(isExpired({ month: '01', year: '2027' }, today)).toBe(false)
  })
})

describe('an IBAN', () => {
  it.each(['DE89 3704 0044 0532 0130 00', 'nl91abna0417164300', 'FR14 2004 1010 0505 0001 3M02 606'])(
    '%s is one',
    (iban) => expect(isIban(iban)).toBe(true),
  )
  it.each(['DE88 3704 0044 0532 0130 00', 'DE89', '', '12345678901234567890'])('%s is none', (iban) =>
    expect(isIban(iban)).toBe(false),
  )
  it('is written in groups of four', () => {
    expect(formatIban('de89370400440532013000')).toBe('DE89 3704 0044 0532 0130 00')
  })
})
