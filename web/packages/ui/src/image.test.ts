import { expect, it } from 'vitest'
import { imageSrc, imageSrcSet } from './image'

const src = '/media/abc/{w}/chair.webp'

it('offers every kept width up to the picture’s own, and the next one so that nothing of it is lost', () => {
  expect(
    imageSrcSet(src, 800)
      ?.split(', ')
      .map((part) => part.split(' ')[1]),
  ).toEqual(['80w', '160w', '320w', '480w', '640w', '800w'])
  expect(imageSrcSet(src, 900)).toContain('/media/abc/1080/chair.webp 1080w')
  expect(imageSrcSet(src, 5000)?.endsWith('1600w')).toBe(true)
})
it('leaves an address without sizes alone', () => {
  expect(imageSrcSet('/media/abc/chair.svg', 800)).toBeUndefined()
  expect(imageSrc('/media/abc/chair.svg', 640)).toBe('/media/abc/chair.svg')
})
