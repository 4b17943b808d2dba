import { beforeAll, expect, it, vi } from 'vitest'

vi.mock('next/cache', () => ({ cacheLife: () => {}, cacheTag: () => {} }))

let sitemap: typeof import('./sitemap')
beforeAll(async () => {
  vi.stubEnv('PUBLIC_URL', 'https://shop.test')
  sitemap = await import('./sitemap')
})

it('lists a thing once per language it exists in, each naming the others', () => {
  const text = sitemap.sitemapEntries(
    {
      kind: 'product',
      slugs: { en: 'kyoto', de: 'kyoto-stuhl' },
      updated_at: '2026-11-20T10:00:00Z',
      image: '/media/a/{w}/b&c.webp',
    },
    new Set(['de/kyoto-stuhl']),
  )
  expect(text.match(/<url>/g)).toHaveLength(2)
  expect(text).toContain('<loc>https://shop.test/de/produkte/kyoto-stuhl</loc>')
  expect(text).toContain('hreflang="x-default" href="https://shop.test/en/products/kyoto"')
  expect(text).toContain('<image:loc>https://shop.test/media/a/1080/b&amp;c.webp</image:loc>')
  expect(text).not.toContain('hreflang="fr"')
})

it('names a story where it is, and not the address of a page that only leads there', () => {
  const item = {
    kind: 'page',
    slugs: { en: 'oak', de: 'eiche' },
    updated_at: '2026-11-20T10:00:00Z',
  } as const
  const text = sitemap.sitemapEntries(item, new Set(['en/oak', 'de/eiche']))
  expect(text).toContain('<loc>https://shop.test/de/geschichten/eiche</loc>')
  expect(text).toContain('hreflang="en" href="https://shop.test/en/stories/oak"')
  expect(sitemap.sitemapEntries(item, new Set())).toContain('<loc>https://shop.test/de/p/eiche</loc>')
})
