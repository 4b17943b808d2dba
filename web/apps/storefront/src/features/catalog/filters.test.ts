import { ApiError, type Facet } from '@stoa/api-client'
import { describe, expect, it } from 'vitest'
import {
  askForListing,
  chosenFilters,
  clearFilters,
  countFilters,
  type Filters,
  filtersFromSearch,
  filtersToSearch,
  listingQuery,
  noFilters,
  parseFilters,
  setRange,
  splitRange,
  toggleValue,
} from './filters'

describe('the address of a listing', () => {
  it('survives the way there and back', () => {
    const search =
      '?q=oak+chair&f=colour:oak,white&f=width:40..80&price=1000..50000&available=1&sort=price_asc'
    expect(filtersToSearch(filtersFromSearch(search))).toBe(search)
  })
  it('has one spelling, whatever the order of what was chosen', () => {
    const a = filtersFromSearch('?f=size:l&f=colour:white&f=colour:oak')
    const b = filtersFromSearch('?f=colour:oak,white&f=size:l')
    expect(filtersToSearch(a)).toBe(filtersToSearch(b))
    expect(filtersToSearch(a)).toBe('?f=colour:oak,white&f=size:l')
  })
  it('is empty without filters', () => {
    expect(filtersToSearch(noFilters)).toBe('')
    expect(filtersToSearch(filtersFromSearch('?utm_source=mail'))).toBe('')
  })
  it('reads a plain form, where each box is one "f" and a price has two fields', () => {
    const filters = parseFilters({
      f: ['colour:oak', 'colour:ash'],
      price_min: '10',
      price_max: '',
      sort: 'newest',
    })
    expect(filters.attributes).toEqual({ colour: ['oak', 'ash'] })
    expect(filters.price).toBe('1000..')
  })
  it.each([
    ['99.50', '120', '9950..12000'],
    ['99,5', '', '9950..'],
    ['1.299,50', '2,000', '129950..200000'],
    [' 7. ', '12 500', '700..1250000'],
    ['ten', '1.2.3', undefined],
  ])('reads the amounts %s and %s as %s', (price_min, price_max, price) => {
    expect(parseFilters({ price_min, price_max }).price).toBe(price)
  })
  it('ignores what is not well formed', () => {
    const filters = parseFilters({
      f: ['no-colon', ':x', 'a b:c', 'colour:', `colour:${'x'.repeat(200)}`],
      price: '1..2..3',
      sort: 'DROP TABLE',
      available: 'yes',
      cursor: 'x'.repeat(1401),
      q: '   ',
    })
    expect(filters).toEqual(noFilters)
  })
  it('keeps values that need escaping', () => {
    const filters = toggleValue(noFilters, 'style', 'a&b=c #1')
    expect(filtersFromSearch(filtersToSearch(filters))).toEqual(filters)
  })
})

describe('changing filters', () => {
  const start = filtersFromSearch('?f=colour:oak&cursor=abc&sort=name&q=chair')
  it('adds, takes away, and starts at the first page again', () => {
    const more = toggleValue(start, 'colour', 'white')
    expect(more.attributes.colour).toEqual(['oak', 'white'])
    expect(more.cursor).toBeUndefined()
    expect(toggleValue(toggleValue(more, 'colour', 'white'), 'colour', 'oak').attributes).toEqual({})
  })
  it('clears all but what was searched and how it is sorted', () => {
    expect(clearFilters(start)).toEqual({ ...noFilters, q: 'chair', sort: 'name' })
  })
  it('sets and removes ranges', () => {
    const ranged = setRange(start, 'width', '40..')
    expect(ranged.attributes.width).toEqual(['40..'])
    expect(setRange(ranged, 'width', undefined).attributes.width).toBeUndefined()
    expect(setRange(start, 'price', '..5000').price).toBe('..5000')
    expect(splitRange('40..')).toEqual([40, undefined])
    expect(splitRange(undefined)).toEqual([undefined, undefined])
  })
  it('counts values, price and stock', () => {
    expect(countFilters(filtersFromSearch('?f=colour:oak,ash&price=1..2&available=1'))).toBe(4)
  })
})

it('asks the API in the contract’s words', () => {
  expect(
    listingQuery({ category: 'chairs' }, filtersFromSearch('?f=colour:oak,ash&price=1000..&available=1'), {
      locale: 'de',
      currency: 'EUR',
      country: 'DE',
    }),
  ).toEqual({
    locale: 'de',
    currency: 'EUR',
    country: 'DE',
    category: 'chairs',
    limit: 24,
    'f.colour': 'oak,ash',
    price: '1000..',
    available: '1',
  })
})

it('says which filter a word belongs to where two of them have the same', () => {
  const oak = { value: 'oak', label: 'Oak', count: 1, selected: true }
  const facets: Facet[] = [
    {
      code: 'colour',
      label: 'Colour',
      kind: 'values',
      values: [oak, { ...oak, value: 'ash', label: 'Ash' }],
    },
    { code: 'material', label: 'Material', kind: 'values', values: [oak] },
  ]
  const labels = chosenFilters(filtersFromSearch('?f=colour:ash,oak&f=material:oak'), facets)
  expect(labels.map((entry) => entry.label)).toEqual(['Ash', 'Colour: Oak', 'Material: Oak'])
})

it('names chosen filters with the words of the facets', () => {
  const facets: Facet[] = [
    {
      code: 'colour',
      label: 'Colour',
      kind: 'values',
      values: [{ value: 'oak', label: 'Oak', count: 1, selected: true }],
    },
    { code: 'width', label: 'Width', kind: 'range', unit: 'cm', values: [] },
  ]
  const labels = chosenFilters(filtersFromSearch('?f=colour:oak&f=width:40..80&f=odd:thing'), facets)
  expect(labels.map((entry) => entry.label)).toEqual(['Oak', 'Width 40–80 cm', 'thing'])
  expect(filtersToSearch(labels[0]?.without ?? noFilters)).toBe('?f=odd:thing&f=width:40..80')
})

describe('a listing with filters that the shop no longer has', () => {
  const refusal = (...pointers: string[]) =>
    new ApiError({
      status: 422,
      errors: pointers.map((pointer) => ({ pointer, code: 'unknown', message: '' })),
    })
  /** Knows the colour, and two sorts; answers with what it was asked for. */
  const shop = (asked: string[]) => async (filters: Filters) => {
    asked.push(filtersToSearch(filters))
    if (filters.cursor) throw refusal('?cursor')
    const unknown = Object.keys(filters.attributes).filter((code) => code !== 'colour')
    if (unknown.length > 0) throw refusal(...unknown.map((code) => `?f.${code}`), '?sort')
    return filtersToSearch(filters)
  }

  it('is asked for with the others', async () => {
    const asked: string[] = []
    const search = '?f=colour:oak&f=nosuch:1&price=1..2&available=1&sort=worst&cursor=old'
    expect(await askForListing(filtersFromSearch(search), shop(asked))).toBe(
      '?f=colour:oak&price=1..2&available=1',
    )
    expect(asked).toHaveLength(3)
  })
  it('is asked for once where everything is known', async () => {
    const asked: string[] = []
    await askForListing(filtersFromSearch('?f=colour:oak'), shop(asked))
    expect(asked).toEqual(['?f=colour:oak'])
  })
  it.each([
    ['names none of them', refusal('?q')],
    ['fails otherwise', new ApiError({ status: 500 })],
  ])('is not asked for again when the shop %s', async (_why, error) => {
    let times = 0
    const ask = () => {
      times++
      return Promise.reject(error)
    }
    await expect(askForListing(filtersFromSearch('?f=nosuch:1'), ask)).rejects.toBe(error)
    expect(times).toBe(1)
  })
})
