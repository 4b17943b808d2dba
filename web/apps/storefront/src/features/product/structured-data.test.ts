import type { ProductPage } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { scriptSafeJson } from '@/lib/json-ld'
import { productData } from './structured-data'

const product = {
  id: 'prod_1',
  slug: 'x',
  name: '</script><script>alert(1)</script>',
  description_html: '<p>Made &amp; oiled</p>\n<ul><li>Oak</li></ul>',
  options: [{ code: 'colour' }],
  media: [{ src: '/media/a/{w}/b.webp' }],
  rating: { average: 46, count: 2 },
  reviews: [],
  variants: [
    {
      sku: 'S-1',
      name: 'Oak',
      options: { colour: 'oak' },
      price: { amount: { amount: 12995, currency: 'EUR' } },
      stock: { state: 'sold_out' },
    },
    {
      sku: 'S-2',
      name: 'Ash',
      options: { colour: 'ash' },
      price: { amount: { amount: 12995, currency: 'EUR' } },
      stock: { state: 'backorder', expected_on: '2026-12-24' },
    },
  ],
  seo: { description: 'x' },
} as unknown as ProductPage

it('tells price, stock and rating as schema.org spells them', () => {
  const data = productData(
    product,
    'en',
    'https://shop.test/en/products/x',
    (path) => `https://shop.test${path}`,
  )
  expect(data.offers).toMatchObject([
    {
      url: 'https://shop.test/en/products/x?colour=oak',
      price: '129.95',
      priceCurrency: 'EUR',
      availability: 'https://schema.org/OutOfStock',
    },
    { availability: 'https://schema.org/BackOrder', availabilityStarts: '2026-12-24' },
  ])
  expect(data.aggregateRating).toMatchObject({ ratingValue: 4.6, reviewCount: 2 })
  expect(data.image).toEqual(['https://shop.test/media/a/1080/b.webp'])
  expect(data.description).toBe('Made & oiled Oak')
})

it('cannot end the script element it stands in', () => {
  const text = scriptSafeJson({ name: product.name, line: '\u2028' })
  expect(text).not.toContain('<')
  expect(text).not.toContain('\u2028')
  expect(JSON.parse(text)).toEqual({ name: product.name, line: '\u2028' })
})
