import { expect, it } from 'vitest'
import { switchesOf } from './fields'

it('offers the languages, unless the texts are by something else', () => {
  const empty = { en: '', de: '', nl: '', fr: '' }
  expect(switchesOf(empty)).toEqual(['en', 'de', 'nl', 'fr'])
  expect(switchesOf({ de: 'Stuhl', it: 'sedia' })).toEqual(['en', 'de', 'nl', 'fr', 'it'])
  expect(switchesOf({ ...empty, colour: 'oak' })).toEqual(['colour'])
})
