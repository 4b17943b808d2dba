import type { Country } from '@stoa/api-client'
import { describe, expect, it } from 'vitest'
import { checkAddress, draftOf, emptyAddress, problemsFrom, toAddress } from './address'

const country = (code: string, postal_code_pattern: string, postal_code_example: string): Country => ({
  code,
  name: code,
  eu: true,
  postal_code_pattern,
  postal_code_example,
  state_required: code === 'IT',
})
const nl = country('NL', '[1-9][0-9]{3} ?[A-Z]{2}', '1012 AB')
const full = {
  ...emptyAddress('NL'),
  first_name: 'Ada',
  last_name: 'Lovelace',
  line1: 'Damrak 1',
  postal_code: '1012 AB',
  city: 'Amsterdam',
}

describe('an address', () => {
  it('is fine when it is complete', () => {
    expect(checkAddress(full, nl)).toEqual({})
  })
  it.each([
    ['1012ab', nl],
    ['NL-1012 AB', nl],
    ['D-10115', country('DE', '[0-9]{5}', '10115')],
    ['00950', country('PL', '[0-9]{2}-[0-9]{3}', '00-950')],
    ['sw1a1aa', country('GB', '[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][ABD-HJLN-UW-Z]{2}', 'SW1A 1AA')],
    ['1250096', country('PT', '[1-9][0-9]{3}-[0-9]{3}', '1250-096')],
    ['11455', country('SE', '[1-9][0-9]{2} ?[0-9]{2}', '114 55')],
  ])('may have its postcode written as %s', (postal_code, where) => {
    expect(checkAddress({ ...full, postal_code }, where).postal_code).toBeUndefined()
  })
  it.each(['1012', '0012 AB', 'ABCD EF', '10115'])(
    'does not have the postcode %s in the Netherlands',
    (code) => {
      expect(checkAddress({ ...full, postal_code: code }, nl).postal_code).toEqual({
        key: 'postalCode',
        example: '1012 AB',
      })
    },
  )
  it('names what is missing', () => {
    const italy = country('IT', '[0-9]{5}', '00144')
    expect(Object.keys(checkAddress(emptyAddress('IT'), italy)).sort()).toEqual(
      ['city', 'first_name', 'last_name', 'line1', 'postal_code', 'state'].sort(),
    )
  })
  it('takes a phone number in any writing, and no words', () => {
    expect(checkAddress({ ...full, phone: '+31 (0)20 555-01.88' }, nl).phone).toBeUndefined()
    expect(checkAddress({ ...full, phone: 'call me' }, nl).phone).toEqual({ key: 'phoneBad' })
  })
  it('is sent without what was left empty, and comes back whole', () => {
    const sent = toAddress({ ...full, first_name: ' Ada ' })
    expect(sent).toEqual({
      country: 'NL',
      first_name: 'Ada',
      last_name: 'Lovelace',
      line1: 'Damrak 1',
      postal_code: '1012 AB',
      city: 'Amsterdam',
    })
    expect(draftOf(sent)).toEqual(full)
  })
  it('shows what the server says, under the right field', () => {
    const errors = [
      { pointer: '/shipping/postal_code', code: 'postal_code_invalid', message: '' },
      { pointer: '/billing/city', code: 'blank', message: '' },
      { pointer: '/shipping/line1', code: 'something_new', message: '' },
    ]
    expect(problemsFrom(errors, '/shipping', nl)).toEqual({
      postal_code: { key: 'postalCode', example: '1012 AB' },
      line1: { key: 'check' },
    })
    expect(problemsFrom(errors, '/billing', nl)).toEqual({ city: { key: 'required' } })
  })
})
