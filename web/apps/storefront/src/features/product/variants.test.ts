import type { Media, ProductPage, Variant } from '@stoa/api-client'
import { describe, expect, it } from 'vitest'
import {
  choice,
  defaultVariant,
  mediaFor,
  searchWithSelection,
  selectionFromSearch,
  variantFor,
} from './variants'

const variant = (
  id: string,
  options: Record<string, string>,
  state: Variant['stock']['state'] = 'in_stock',
): Variant => ({
  id,
  sku: id,
  name: id,
  options,
  price: { amount: { amount: 1000, currency: 'EUR' }, tax_included: true, tiers: [] },
  stock: { state },
  image_id: `pic-${options.colour}-2`,
})
const picture = (id: string, colour?: string): Media => ({
  id,
  kind: 'image',
  src: `/media/${id}/{w}/a.webp`,
  alt: id,
  width: 800,
  height: 1000,
  focal_x: 500,
  focal_y: 500,
  ...(colour ? { options: { colour } } : {}),
})
const product = {
  options: [
    {
      code: 'colour',
      name: 'Colour',
      values: [
        { value: 'oak', label: 'Oak' },
        { value: 'black', label: 'Black' },
      ],
    },
    {
      code: 'size',
      name: 'Size',
      values: [
        { value: 's', label: 'S' },
        { value: 'l', label: 'L' },
      ],
    },
  ],
  variants: [
    variant('oak-s', { colour: 'oak', size: 's' }, 'sold_out'),
    variant('oak-l', { colour: 'oak', size: 'l' }),
    variant('black-s', { colour: 'black', size: 's' }),
  ],
  media: [
    picture('pic-oak-1', 'oak'),
    picture('pic-oak-2', 'oak'),
    picture('pic-black-2', 'black'),
    picture('room'),
  ],
} as unknown as ProductPage

describe('which variant', () => {
  it('is the first that can be bought', () => {
    expect(defaultVariant(product)?.id).toBe('oak-l')
  })
  it('is what the address says, even when sold out', () => {
    expect(variantFor(product, selectionFromSearch(product, '?colour=oak&size=s'))?.id).toBe('oak-s')
    expect(variantFor(product, selectionFromSearch(product, '?colour=black'))?.id).toBe('black-s')
  })
  it('is the default when the address names what does not exist', () => {
    expect(selectionFromSearch(product, '?colour=pink&x=1')).toEqual({})
    expect(variantFor(product, { colour: 'black', size: 'l' })?.id).toBe('oak-l')
  })
})

describe('what a choice leads to', () => {
  const current = product.variants[1] as Variant
  it('keeps the other options where that is made', () => {
    expect(choice(product, current, 'size', 's')).toEqual({
      state: 'sold_out',
      selection: { colour: 'oak', size: 's' },
    })
  })
  it('moves to the nearest variant where it is not', () => {
    expect(choice(product, current, 'colour', 'black')).toEqual({
      state: 'not_made',
      selection: { colour: 'black', size: 's' },
    })
  })
})

it('writes the choice into the address and leaves the rest of it', () => {
  expect(searchWithSelection(product, '?utm=x&colour=oak', { colour: 'black', size: 's' })).toBe(
    '?utm=x&colour=black&size=s',
  )
})

it('shows the pictures of the variant, its own first, and those of no variant', () => {
  expect(mediaFor(product, product.variants[1]).map((media) => media.id)).toEqual([
    'pic-oak-2',
    'pic-oak-1',
    'room',
  ])
  expect(mediaFor(product, product.variants[2]).map((media) => media.id)).toEqual(['pic-black-2', 'room'])
})
