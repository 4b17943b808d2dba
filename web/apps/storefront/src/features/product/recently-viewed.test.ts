import type { ProductPage, Variant } from '@stoa/api-client'
import { describe, expect, it } from 'vitest'
import { cardOf, parseViewed, withViewed } from './recently-viewed'

const of = (id: string) => ({ id, slugs: { en: id } })

describe('what was looked at', () => {
  it('has the newest first, each once, and no more than twelve', () => {
    let list = withViewed([of('a'), of('b')], of('c'))
    list = withViewed(list, of('a'))
    expect(list.map(({ id }) => id)).toEqual(['a', 'c', 'b'])
    for (let n = 0; n < 20; n++) list = withViewed(list, of(`p${n}`))
    expect(list).toHaveLength(12)
    expect(list[0]?.id).toBe('p19')
  })
  it('reads what it wrote and nothing else', () => {
    expect(parseViewed(JSON.stringify([of('a')]))).toEqual([of('a')])
    for (const text of [null, '', '{', '{}', '5', '[1,null,{"id":3},{"id":"x"},{"id":"x","slugs":null}]'])
      expect(parseViewed(text)).toEqual([])
  })
})

const variant = (id: string, colour: string, amount: number, state: Variant['stock']['state']): Variant => ({
  id,
  sku: id,
  name: id,
  options: { colour },
  price: { amount: { amount, currency: 'EUR' }, tax_included: true, tiers: [] },
  stock: { state },
})
const product: ProductPage = {
  id: 'prd_1',
  slug: 'isar',
  name: 'Isar',
  description_html: '',
  breadcrumbs: [],
  alternates: {},
  media: [],
  options: [
    {
      code: 'colour',
      name: 'Colour',
      values: [
        { value: 'oak', label: 'Oak', colour: '#ca9' },
        { value: 'black', label: 'Black', colour: '#000' },
      ],
    },
  ],
  variants: [variant('v1', 'oak', 14900, 'sold_out'), variant('v2', 'black', 15900, 'in_stock')],
  attributes: [],
  reviews: [],
  related: [],
  bought_together: [],
  badges: ['new'],
  available: true,
  seo: { title: '', description: '' },
  is_gift_card: false,
  updated_at: '2026-11-01T00:00:00Z',
}

describe('a product page as a card', () => {
  it('shows the lowest price as one of several, and which colours can be had', () => {
    const card = cardOf(product)
    expect(card).toMatchObject({ default_variant_id: 'v2', price_from: true, badges: ['new'] })
    expect(card?.price.amount.amount).toBe(14900)
    expect(card?.swatches.map(({ value, available }) => [value, available])).toEqual([
      ['oak', false],
      ['black', true],
    ])
  })
  it('is none where nothing is sold', () => {
    expect(cardOf({ ...product, variants: [] })).toBeUndefined()
  })
})
