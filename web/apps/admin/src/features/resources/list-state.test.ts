import { expect, it } from 'vitest'
import { addressOf, changed, nextSort, queryOf, readList, savedOf } from './list-state'

it('reads what it wrote', () => {
  const state = {
    q: 'oak & ash',
    filters: { state: 'paid', 'price.min': '100' },
    sort: '-created_at',
    cursor: 'abc',
    view: 'v1',
  }
  expect(readList(new URLSearchParams(addressOf(state)))).toEqual(state)
})

it('asks the API without the view, and keeps a view without the page', () => {
  const state = readList(new URLSearchParams('filter[b]=2&filter[a]=1&cursor=c&view=v&sort=x&filter[c]='))
  expect(decodeURIComponent(queryOf(state, 50).toString())).toBe(
    'filter[a]=1&filter[b]=2&sort=x&cursor=c&limit=50',
  )
  expect(decodeURIComponent(savedOf(state))).toBe('filter[a]=1&filter[b]=2&sort=x')
})

it('begins at the first page when something changes', () => {
  const state = readList(new URLSearchParams('cursor=c&sort=x'))
  expect(changed(state, { q: 'y' })).toMatchObject({ q: 'y', cursor: '', sort: 'x' })
})

it('sorts up, down and not', () => {
  expect(nextSort('', 'name')).toBe('name')
  expect(nextSort('name', 'name')).toBe('-name')
  expect(nextSort('-name', 'name')).toBe('')
})
