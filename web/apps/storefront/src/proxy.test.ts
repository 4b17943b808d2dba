import { unstable_doesMiddlewareMatch as matches } from 'next/experimental/testing/server'
import { NextRequest } from 'next/server'
import { expect, it } from 'vitest'
import { locales } from './i18n/locales'
import { config, proxy } from './proxy'

const passes = (url: string) => matches({ config, url, nextConfig: {} })
const leadsTo = (url: string) =>
  proxy(
    new NextRequest(`http://shop.example${url}`, { headers: { 'accept-language': 'de,en;q=0.5' } }),
  ).headers.get('location')

it.each([
  ...locales.flatMap((locale) => [`/${locale}`, `/${locale}/c/chairs`, `/${locale}/none-such`]),
  '/_next/static/chunks/a.js',
  '/_next/image',
  '/internal/health',
  '/actions/add-to-cart',
  '/sitemaps/1.xml',
  '/robots.txt',
])('leaves %s alone', (url) => {
  expect(passes(url)).toBe(false)
})

it.each([
  ['/', '/de'],
  ['/products/isar-chair', '/de/produkte/isar-chair'],
  ['/chair', '/de/chair'],
  ['/xx', '/de/xx'],
  ['/entrance/hall?a=b', '/de/entrance/hall?a=b'],
])('leads %s to the language of the visitor', (url, target) => {
  expect(passes(url.split('?')[0] ?? '')).toBe(true)
  expect(leadsTo(url)).toBe(`http://shop.example${target}`)
})
