import type { Image, ProductCard } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { slimCards } from './slim'

const image: Image = {
  id: 'a',
  src: '/m/{w}/a',
  alt: '',
  width: 8,
  height: 10,
  focal_x: 500,
  focal_y: 500,
  placeholder: 'data:x',
}
const card = {
  id: 'p',
  name: 'P',
  image,
  hover_image: image,
  swatches: [{ value: 'oak', label: 'Oak', colour: '#c9a06c', image, available: true }],
} as unknown as ProductCard

it('keeps what cards show and drops what they do not', () => {
  const [first, second] = slimCards([card, card], 1)
  expect(first?.image?.placeholder).toBe('data:x')
  expect(second?.image).toEqual({ ...image, placeholder: null })
  expect(first?.hover_image?.placeholder).toBeNull()
  expect(first?.swatches).toEqual([{ value: 'oak', label: 'Oak', colour: '#c9a06c', available: true }])
  expect(slimCards([{ ...card, image: null, hover_image: null }])[0]?.image).toBeNull()
})
