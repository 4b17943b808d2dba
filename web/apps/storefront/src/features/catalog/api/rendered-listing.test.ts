import { expect, it } from 'vitest'
import type { Filters, ListingScope } from '../filters'
import type { CachedListing } from './get-listing'
import { renderedListing } from './rendered-listing'

const scope = { category: 'chairs' }
const found = (name: string) => ({ name }) as unknown as CachedListing

/** Answers with what it was asked for; refuses filters by a colour that there is not. */
async function read({ category }: ListingScope, filters: Filters): Promise<CachedListing | null> {
  const colours = filters.attributes.colour ?? []
  return colours.includes('plaid') || category === 'gone' ? null : found(colours.join() || 'all')
}

it('reads the filters of an address, without the words of a search', async () => {
  expect(await renderedListing(read, scope, { f: 'colour:oak', q: 'stool' }, 'en')).toEqual({
    cached: found('oak'),
    search: '?f=colour:oak',
  })
})

it('shows filters that the shop does not know, over everything', async () => {
  expect(await renderedListing(read, scope, { f: 'colour:plaid' }, 'en')).toEqual({
    cached: found('all'),
    search: '?f=colour:plaid',
  })
})

it('is nothing where there is no listing', async () => {
  expect(await renderedListing(read, { category: 'gone' }, { f: 'colour:oak' }, 'en')).toBeNull()
})
