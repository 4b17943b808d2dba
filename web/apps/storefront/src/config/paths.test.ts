import { describe, expect, it } from 'vitest'
import { localisePath, pathRedirects, pathRewrites, paths, switchLocale } from './paths'

describe('addresses', () => {
  it('carry the words of the language', () => {
    expect(paths.product('de', 'kyoto-stuhl')).toBe('/de/produkte/kyoto-stuhl')
    expect(paths.product('en', 'kyoto', { colour: 'oak' })).toBe('/en/products/kyoto?colour=oak')
    expect(paths.search('fr', 'chaise & table')).toBe('/fr/recherche?q=chaise+%26+table')
    expect(paths.account('nl', 'orders', 'S-100042')).toBe('/nl/account/orders/S-100042')
    expect(paths.pay('de', 'a&b')).toBe('/de/pay?token=a%26b')
    expect(paths.home('en')).toBe('/en')
  })
  it('are made from what menus say', () => {
    expect(localisePath('de', '/')).toBe('/de')
    expect(localisePath('de', '/c/stuehle')).toBe('/de/c/stuehle')
    expect(localisePath('nl', '/stories/eik?x=1#y')).toBe('/nl/verhalen/eik?x=1#y')
    expect(localisePath('nl', '/de/p/impressum')).toBe('/de/p/impressum')
    expect(localisePath('nl', 'https://example.test/')).toBe('https://example.test/')
    expect(localisePath('nl', '//example.test/')).toBe('//example.test/')
    expect(localisePath('nl', '/constructor')).toBe('/nl/constructor')
  })
  it('can change language', () => {
    expect(switchLocale('/de/produkte/kyoto', 'fr')).toBe('/fr/produits/kyoto')
    expect(switchLocale('/en/cart', 'de')).toBe('/de/cart')
    expect(switchLocale('/en', 'nl')).toBe('/nl')
  })
  it('never redirect to where they are rewritten from', () => {
    const redirected = new Set(pathRedirects().map((rule) => rule.source))
    for (const rule of pathRewrites()) expect(redirected.has(rule.source)).toBe(false)
  })
  it('lead buyers with a mark, and nobody else, to pages of their own', () => {
    const own = pathRewrites().filter((rule) => rule.destination.startsWith('/:locale/own'))
    for (const rule of own) expect(rule).toMatchObject({ has: [{ type: 'cookie', key: 'stoa_buyer' }] })
    for (const path of ['/:locale(en|de|nl|fr)', '/:locale(en|de|nl|fr)/produkte/:slug([a-z0-9-]+)'])
      expect(own.map((rule) => rule.source)).toContain(path)
    // The first rule that fits counts: theirs come before everybody's.
    expect(pathRewrites().slice(0, own.length)).toEqual(own)
  })
})
