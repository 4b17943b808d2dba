import { describe, expect, it } from 'vitest'
import { deviceOf, safeNext } from './validation'

describe('where to go after signing in', () => {
  it('is a page of this shop', () => {
    expect(safeNext('?next=%2Fde%2Fcheckout%2Faddress', '/de/account')).toBe('/de/checkout/address')
  })
  it.each([
    '?next=//evil.test',
    '?next=/\\evil.test',
    '?next=https://evil.test',
    '?next=javascript:alert(1)',
    '?next=',
    '',
  ])('is never %s', (search) => expect(safeNext(search, '/en/account')).toBe('/en/account'))
})

it('names devices as people do', () => {
  expect(
    deviceOf(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0',
    ),
  ).toEqual({ browser: 'Edge', system: 'Windows' })
  expect(
    deviceOf(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1',
    ),
  ).toEqual({ browser: 'Safari', system: 'iPhone' })
  expect(deviceOf('curl/8')).toBeUndefined()
})
