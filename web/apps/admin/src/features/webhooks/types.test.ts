import { expect, it } from 'vitest'
import { typesOf } from './types'

it('reads types apart by commas, spaces and lines, each once', () => {
  expect(typesOf(' order.*,product.changed\n order.*  stock.low ')).toEqual([
    'order.*',
    'product.changed',
    'stock.low',
  ])
  expect(typesOf(' , ')).toEqual([])
})
