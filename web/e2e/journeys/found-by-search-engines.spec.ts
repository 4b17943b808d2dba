import { type APIRequestContext, expect, test } from '@playwright/test'
import { wordsIn } from '../support/words'

// Search engines read what comes over the wire: no page is opened here, only its HTML.

type Page = {
  status: number
  title: string
  description: string
  robots: string
  canonical: string
  languages: Record<string, string>
  data: Record<string, unknown>[]
  html: string
}

const decode = (text: string) =>
  text.replace(/&(amp|lt|gt|quot|#x27);/g, (whole) => {
    const known: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' }
    return known[whole] ?? "'"
  })

function attributes(tag: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, name = '', value = ''] of tag.matchAll(/([a-zA-Z-]+)="([^"]*)"/g))
    found[name.toLowerCase()] = decode(value)
  return found
}

async function read(request: APIRequestContext, path: string): Promise<Page> {
  const answer = await request.get(path, { maxRedirects: 0 })
  const html = await answer.text()
  const metas = [...html.matchAll(/<meta[^>]*>/g)].map(([tag]) => attributes(tag))
  const links = [...html.matchAll(/<link[^>]*>/g)].map(([tag]) => attributes(tag))
  const meta = (name: string) => metas.find((tag) => tag.name === name)?.content ?? ''
  return {
    status: answer.status(),
    title: decode(/<title>([^<]*)<\/title>/.exec(html)?.[1] ?? ''),
    description: meta('description'),
    robots: meta('robots'),
    canonical: links.find((tag) => tag.rel === 'canonical')?.href ?? '',
    languages: Object.fromEntries(
      links.flatMap((tag) =>
        tag.rel === 'alternate' && tag.hreflang ? [[tag.hreflang, tag.href ?? '']] : [],
      ),
    ),
    data: [...html.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)].map(
      ([, json = '']) => JSON.parse(json) as Record<string, unknown>,
    ),
    html,
  }
}

const ofType = (page: Page, type: string) => page.data.find((entry) => entry['@type'] === type)
const path = (address: string) => new URL(address).pathname

const public_pages = [
  '/en',
  '/de',
  '/en/c/chairs',
  '/fr/c/chaises',
  '/en/products/isar-chair',
  '/de/produkte/stuhl-isar',
  '/en/collections/oak',
  '/nl/verhalen/eiken-heeft-de-tijd',
  '/en/p/about',
  '/en/stories',
  '/en/faq',
]

test('every public page names itself, its languages and itself among them', async ({ request }) => {
  const titles = new Set<string>()
  for (const address of public_pages) {
    await test.step(address, async () => {
      const page = await read(request, address)
      expect(page.status).toBe(200)
      expect(page.title).toMatch(/\S{3}/)
      expect(titles).not.toContain(page.title)
      titles.add(page.title)
      expect(page.description.length).toBeGreaterThan(20)
      expect(page.description.length).toBeLessThan(200)
      expect(page.robots).toBe('')
      expect(path(page.canonical)).toBe(address)
      expect(Object.keys(page.languages).sort()).toEqual(['de', 'en', 'fr', 'nl', 'x-default'])
      expect(page.languages[address.slice(1, 3)]).toBe(page.canonical)
      expect(page.languages['x-default']).toBe(page.languages.en)
      // The other languages answer themselves, without a redirect, and point back here.
      for (const language of ['de', 'en', 'fr', 'nl']) {
        const other = await read(request, path(page.languages[language] ?? ''))
        expect(other.status, page.languages[language]).toBe(200)
        expect(other.languages).toEqual(page.languages)
      }
      expect(page.html).toContain(`<html lang="${address.slice(1, 3)}"`)
      expect(page.html.match(/<h1[\s>]/g)).toHaveLength(1)
    })
  }
})

test('a product says its price, stock, way and ratings as data', async ({ request }) => {
  const page = await read(request, '/de/produkte/stuhl-isar')
  const product = ofType(page, 'Product')
  expect(product).toMatchObject({ '@context': 'https://schema.org', name: 'Stuhl Isar', url: page.canonical })
  const api = await request.get('/api/v1/catalog/products/stuhl-isar?locale=de')
  const known = (await api.json()) as {
    variants: { sku: string; price: { amount: { amount: number; currency: string } } }[]
    rating: { average: number; count: number }
  }
  const offers = (product?.offers ?? []) as Record<string, string>[]
  expect(
    offers.map(({ sku, price, priceCurrency }) => ({ sku, price: Number(price), priceCurrency })),
  ).toEqual(
    known.variants.map(({ sku, price }) => ({
      sku,
      price: price.amount.amount / 100,
      priceCurrency: price.amount.currency,
    })),
  )
  for (const offer of offers)
    expect(offer.availability).toMatch(
      /^https:\/\/schema\.org\/(InStock|LimitedAvailability|OutOfStock|BackOrder)$/,
    )
  // Each offer leads to the page with its own variant chosen, which names the plain address as the one to keep.
  expect(new Set(offers.map(({ url }) => url)).size).toBe(offers.length)
  for (const { url } of offers) {
    const variant = await read(request, path(url ?? '') + new URL(url ?? '').search)
    expect(variant.canonical).toBe(page.canonical)
    expect(variant.robots).toBe('')
  }
  expect(product?.aggregateRating).toMatchObject({
    ratingValue: known.rating.average / 10,
    reviewCount: known.rating.count,
  })
  const images = (product?.image ?? []) as string[]
  expect(images.length).toBeGreaterThan(1)
  for (const image of images) {
    expect((await request.get(path(image))).headers()['content-type']).toMatch(/^image\//)
  }
  const way = (ofType(page, 'BreadcrumbList')?.itemListElement ?? []) as { position: number; item: string }[]
  expect(way.map(({ position }) => position)).toEqual(way.map((_step, index) => index + 1))
  expect(way.at(-1)?.item).toBe(page.canonical)
  for (const step of way) expect((await read(request, path(step.item))).status).toBe(200)
})

test('the home page says who sells here and how to search', async ({ request }) => {
  const page = await read(request, '/en')
  expect(ofType(page, 'Organization')).toMatchObject({
    name: 'Stoa Home',
    email: expect.stringContaining('@'),
  })
  const seller = ofType(page, 'Organization')
  expect(path(String(seller?.url))).toBe('/en')
  expect((await request.get(path(String(seller?.logo)))).headers()['content-type']).toMatch(/^image\//)
  const site = ofType(page, 'WebSite') as { potentialAction: { target: { urlTemplate: string } } }
  const search = site.potentialAction.target.urlTemplate.replace('{search_term_string}', 'lamp')
  expect((await request.get(search)).status()).toBe(200)
})

test('what is not for an index says so', async ({ request }) => {
  for (const address of [
    '/en/c/chairs?f=colour:oak',
    '/de/c/stuehle?sort=price_asc',
    '/en/collections/oak?available=1',
    '/en/search?q=lamp',
    '/de/suche?q=Leuchte',
    '/en/cart',
    '/en/login',
    '/en/register',
    '/en/account',
    '/en/checkout/address',
    '/en/c/chairs?price=10000..50000',
    '/en/c/chairs?price_min=100',
    '/en/c/chairs?cursor=x',
    '/en/account/forgot',
    '/en/orders/S-100001',
    '/en/pay',
    '/en/cart/problem',
  ]) {
    const page = await read(request, address)
    expect(page.status, address).toBe(200)
    expect(page.robots, address).toMatch(/^noindex/)
  }
  const filtered = await read(request, '/en/c/chairs?f=colour:oak')
  expect(path(filtered.canonical)).toBe('/en/c/chairs')
  // A crawler finds no links into the combinations of filters, and may follow those to the products.
  expect(filtered.robots).toContain('follow')
  expect(filtered.robots).not.toContain('nofollow')
  const links = [...filtered.html.matchAll(/<a\s[^>]*href="([^"]*)"/g)].map(([, href = '']) => decode(href))
  expect(links.filter((href) => /[?&](f|price|available|sort)=/.test(href))).toEqual([])
  expect(links.filter((href) => href.includes('/products/')).length).toBeGreaterThan(0)
})

test('what a campaign adds to an address makes no other page of it', async ({ request }) => {
  for (const address of ['/en', '/en/c/chairs', '/de/produkte/stuhl-isar', '/en/p/about']) {
    const plain = await read(request, address)
    const tracked = await read(request, `${address}?utm_source=letter&gclid=1`)
    expect(tracked.status, address).toBe(200)
    expect(tracked.robots, address).toBe('')
    expect(tracked.canonical, address).toBe(plain.canonical)
    expect(tracked.languages, address).toEqual(plain.languages)
  }
})

test('a list says the way to it, and its further pages can be followed', async ({ request }) => {
  const page = await read(request, '/en/c/seating')
  const way = (ofType(page, 'BreadcrumbList')?.itemListElement ?? []) as { name: string; item: string }[]
  expect(way.map(({ name }) => name)).toEqual(['Home', 'Seating'])
  expect(way.at(-1)?.item).toBe(page.canonical)
  const next =
    /<a\s[^>]*href="([^"]*cursor=[^"]*)"[^>]*rel="next"|<a\s[^>]*rel="next"[^>]*href="([^"]*)"/.exec(
      page.html,
    )
  const href = decode(next?.[1] ?? next?.[2] ?? '')
  const second = await read(request, `/en/c/seating${href}`)
  expect(second.robots).toBe('noindex, follow')
  const products = (html: string) =>
    new Set([...html.matchAll(/href="(\/en\/products\/[^"?]+)"/g)].map(([, at]) => at))
  const first = products(page.html)
  expect(first.size).toBeGreaterThan(20)
  const more = [...products(second.html)].filter((at) => !first.has(at))
  expect(more.length).toBeGreaterThan(0)
})

test('what is not there is a 404 at its first visit, in its own language', async ({ request }) => {
  const stamp = Date.now().toString(36)
  for (const address of [`/en/products/none-${stamp}`, `/de/c/none-${stamp}`, `/fr/none-${stamp}`]) {
    const page = await read(request, address)
    expect(page.status, address).toBe(404)
    expect(page.robots, address).toMatch(/noindex/)
  }
})

test('an address without a language and without a page is answered in the language of who asks', async ({
  browser,
}) => {
  const context = await browser.newContext({ locale: 'de-DE' })
  const page = await context.newPage()
  for (const address of ['/chairs-and-more', '/xx', '/old/shop/page']) {
    const answer = await page.goto(address)
    expect(answer?.status(), address).toBe(404)
    await expect(page).toHaveURL(new RegExp(`/de${address}$`))
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(wordsIn('de')('shell.notFoundTitle'))
  }
  await page.getByRole('searchbox').fill('Stuhl')
  await page.getByRole('searchbox').press('Enter')
  await expect(page).toHaveURL(/\/de\/suche\?q=Stuhl$/)
  await context.close()
})

test('robots and the sitemaps lead to every page once in every language', async ({ request }) => {
  const robots = await (await request.get('/robots.txt')).text()
  for (const closed of ['/api/', '/internal/', '/*/checkout', '/*/account', '/*/cart'])
    expect(robots).toContain(`Disallow: ${closed}`)
  // Whoever may not fetch a page cannot read that it is not for the index.
  for (const open of ['/c/', '/search', '/suche']) expect(robots).not.toContain(`Disallow: /*${open}`)
  const index = /Sitemap: (\S+)/.exec(robots)?.[1] ?? ''
  const locations = (xml: string) =>
    [...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url = '']) => decode(url))
  const files = locations(await (await request.get(path(index))).text())
  expect(files.length).toBeGreaterThanOrEqual(2)
  const pages: string[] = []
  const alternates = new Map<string, string>()
  for (const file of files) {
    const answer = await request.get(path(file))
    expect(answer.headers()['content-type']).toMatch(/xml/)
    const xml = await answer.text()
    for (const [entry = ''] of xml.matchAll(/<url>.*?<\/url>/gs)) {
      const [url = ''] = locations(entry)
      pages.push(path(url))
      alternates.set(
        path(url),
        [...entry.matchAll(/hreflang="([a-z-]+)"/g)]
          .map(([, code]) => code)
          .sort()
          .join(),
      )
    }
  }
  expect(new Set(pages).size).toBe(pages.length)
  for (const address of public_pages) expect(pages, address).toContain(address)
  expect(alternates.get('/de/produkte/stuhl-isar')).toBe('de,en,fr,nl,x-default')
  const products = (await (await request.get('/api/v1/catalog/listing?limit=1')).json()) as { total: number }
  for (const word of ['/en/products/', '/de/produkte/', '/nl/producten/', '/fr/produits/'])
    expect(pages.filter((page) => page.startsWith(word))).toHaveLength(products.total)
  for (const page of pages) expect(page).not.toMatch(/\/(cart|checkout|account|login|search|suche)(\/|$)/)
  // A handful of all: what a sitemap names answers at once.
  for (const page of pages.filter((_page, n) => n % 97 === 0))
    expect((await request.get(page, { maxRedirects: 0 })).status(), page).toBe(200)
})

test('an address of another language or of an earlier name leads on for good', async ({ request }) => {
  const leads = async (from: string) => {
    const answer = await request.get(from, { maxRedirects: 0 })
    return [answer.status(), new URL(answer.headers().location ?? '/', 'http://x').pathname]
  }
  // The folder in another language, the name in another language, and both.
  expect(await leads('/de/products/stuhl-isar')).toEqual([308, '/de/produkte/stuhl-isar'])
  expect(await leads('/de/produkte/isar-chair')).toEqual([308, '/de/produkte/stuhl-isar'])
  expect(await leads('/en/c/stuehle')).toEqual([308, '/en/c/chairs'])
  expect(await leads('/fr/collections/oak')).toEqual([308, '/fr/selections/oak'])
  expect(await leads('/fr/selections/oak')).toEqual([308, '/fr/selections/tout-en-chene'])
  expect(await leads('/en/p/oak-takes-its-time')).toEqual([308, '/en/stories/oak-takes-its-time'])
})
