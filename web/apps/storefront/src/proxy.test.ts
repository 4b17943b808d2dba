import { readdirSync } from 'node:fs'
import path from 'node:path'
import { unstable_doesMiddlewareMatch as matches } from 'next/experimental/testing/server'
import { NextRequest } from 'next/server'
import { expect, it } from 'vitest'
import { pathRewrites } from './config/paths'
import { locales } from './i18n/locales'
import { config, proxy } from './proxy'

const passes = (url: string) => matches({ config, url, nextConfig: {} })
const shown = (url: string, language = 'de,en;q=0.5') => {
  const answer = proxy(
    new NextRequest(`http://shop.example${url}`, { headers: { 'accept-language': language } }),
  )
  return answer.headers.get('x-middleware-rewrite') ?? answer.headers.get('location')
}

/** The first words of all addresses that have a page, in English and translated. */
function firstWords(): string[] {
  const root = path.resolve(import.meta.dirname, 'app/[locale]')
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((group) => readdirSync(path.join(root, group.name), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !['own', 'missing'].includes(entry.name))
  const translated = pathRewrites().flatMap(({ source }) => /^\/[a-z]{2}\/([a-z]+)$/.exec(source)?.[1] ?? [])
  return [...new Set([...folders.map(({ name }) => name), ...translated])]
}

it('leaves every page alone', () => {
  const words = firstWords()
  expect(words).toEqual(expect.arrayContaining(['c', 'checkout', 'orders', 'pay', 'produkte', 'recherche']))
  const addresses = locales.flatMap((locale) => [
    `/${locale}`,
    ...words.flatMap((word) => [`/${locale}/${word}`, `/${locale}/${word}/some-thing`]),
  ])
  expect(addresses.filter(passes)).toEqual([])
})

it.each([
  '/_next/static/chunks/a.js',
  '/_next/image',
  '/internal/health',
  '/actions/add-to-cart',
  '/sitemaps/1.xml',
  '/robots.txt',
])('leaves %s alone', (url) => {
  expect(passes(url)).toBe(false)
})

it.each(['/', '/chair', '/xx', '/c/chairs', '/products/isar-chair', '/entrance/hall'])(
  'leads %s to the language of the visitor',
  (url) => {
    expect(passes(url)).toBe(true)
    expect(shown(url)).toMatch(/^http:\/\/shop\.example\/de(?:\/|$)/)
  },
)

it.each(['/de/stuehle', '/de/x/y/z', '/de/own/search', '/de/cx'])(
  'shows for %s that there is no such page, in its language',
  (url) => {
    expect(passes(url)).toBe(true)
    expect(shown(url, 'fr')).toBe('http://shop.example/de/missing')
  },
)
