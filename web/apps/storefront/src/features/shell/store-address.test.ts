import { expect, it } from 'vitest'
import { storeAddress } from './store-address'

const countries = [
  { code: 'DE', name: 'Deutschland' },
  { code: 'NL', name: 'Niederlande' },
]

it('names the country of the shop in the language of the reader', () => {
  expect(storeAddress('Stoa Home B.V., Kade 1, 5611 AZ Eindhoven, Netherlands', countries)).toBe(
    'Stoa Home B.V., Kade 1, 5611 AZ Eindhoven, Niederlande',
  )
  expect(storeAddress('Kade 1\nNetherlands', countries)).toBe('Kade 1\nNiederlande')
})

it('leaves what names no country', () => {
  expect(storeAddress('Kade 1\n5611 AZ Eindhoven', countries)).toBe('Kade 1\n5611 AZ Eindhoven')
  expect(storeAddress('', countries)).toBe('')
})
