import { expect, it } from 'vitest'
import { matchPath, memoryHistory, placeOf } from './router'

it('matches a path by its parts and unescapes them', () => {
  expect(matchPath('/r/:resource/:id', '/r/products/a%2Fb')).toEqual({ resource: 'products', id: 'a/b' })
  expect(matchPath('/r/:resource', '/r/products/1')).toBeNull()
  expect(matchPath('/r/:resource', '/r/')).toBeNull()
  expect(matchPath('/r/:resource', '/r/%zz')).toBeNull()
})

it('takes a closing slash for none', () => {
  expect(placeOf('/orders/?q=1').href).toBe('/orders?q=1')
  expect(placeOf('/').path).toBe('/')
})

it('stays where a guard refuses to leave, and lets the query change', () => {
  const history = memoryHistory('/r/products/1')
  let asked = 0
  const take = history.guard(() => {
    asked += 1
    return false
  })
  history.go('/r/products/1?tab=history')
  expect(asked).toBe(0)
  history.go('/orders')
  expect(asked).toBe(1)
  expect(history.place().href).toBe('/r/products/1?tab=history')
  take()
  history.go('/orders')
  expect(history.place().path).toBe('/orders')
})
