import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resources as described } from '../../../test/fake/descriptions'
import { show, startFake, textOf } from '../../../test/render'
import { history, importRows, row, rows, views } from '../../api/resources'
import type { Resource, Row } from '../../api/types'
import { Conflict } from './conflict'
import { formOf, merge } from './draft'
import { ResourceList } from './list'
import { blankOf, RecordPage } from './record'

let fake: ReturnType<typeof startFake>
beforeEach(() => {
  fake = startFake()
})
afterEach(() => vi.unstubAllGlobals())

const list = (href: string, name = 'products') => {
  const query = new URLSearchParams(href.split('?')[1] ?? '')
  query.delete('view')
  query.set('limit', '50')
  return show(href, <ResourceList name={name} />, [rows(name, query.toString()), views])
}

describe('a list', () => {
  it('shows what the resource describes, with its rows, its saved views and what one may do', async () => {
    const html = await list('/r/products')
    const text = textOf(html)
    expect(text).toContain('Products 130')
    expect(text).toContain('Import')
    expect(html).toContain('href="/admin/r/products/prod_1"')
    expect(html).toContain('filter%5Bstate%5D=draft&amp;view=view_1')
    expect(text).toMatch(/Oak chair 1 ST-1000 Draft Chairs €99\.00/)
    expect(html.match(/<tr data-row/g)).toHaveLength(50)
  })
  it('says which column it is sorted by, and offers the next page', async () => {
    const html = await list('/r/products?sort=-price')
    expect(html).toMatch(/aria-sort="descending"[^>]*><button[^>]*>Price/)
    expect(textOf(html)).toContain('Page 1')
  })
  it('tells an empty list from one that nothing fits', async () => {
    expect(textOf(await list('/r/promotions', 'promotions'))).toContain('None yet')
    const text = textOf(await list('/r/products?q=nothing-is-called-this'))
    expect(text).toContain('Nothing fits')
    expect(text).toContain('Show all')
  })
  it('says what failed, with the number of the request, and offers to try again', async () => {
    vi.stubGlobal('fetch', (async (url, init) =>
      String(url).includes('/resources/products')
        ? new Response(JSON.stringify({ status: 503, code: 'http.unavailable', request_id: 'req_42' }), {
            status: 503,
            headers: { 'content-type': 'application/problem+json' },
          })
        : fake.fetch(url, init)) as typeof fetch)
    const text = textOf(await list('/r/products'))
    expect(text).toContain('too busy')
    expect(text).toContain('req_42')
    expect(text).toContain('Try again')
  })
  it('does not invent a list that is not described', async () => {
    expect(textOf(await list('/r/secrets', 'secrets'))).toContain('There is no such list')
  })
})

describe('a record', () => {
  const page = (href: string, id?: string) =>
    show(
      href,
      <RecordPage name="products" {...(id ? { id } : {})} />,
      id ? [row('products', id), history('products', id)] : [],
    )

  it('has a control with its label for every field, and its children', async () => {
    const html = await page('/r/products/prod_3', 'prod_3')
    const text = textOf(html)
    for (const label of ['SKU', 'Price', 'Available from', 'Featured', 'Variants', 'Colour'])
      expect(text).toContain(label)
    expect(html).toContain('value="124.00"')
    expect(html).toContain('value="Walnut lamp 3"')
    // What is only shown cannot be written.
    expect(text).toContain('Address walnut-lamp-3')
    expect(html).not.toContain('value="walnut-lamp-3"')
    // Nothing was changed: there is nothing to save.
    expect(text).not.toContain('Not saved yet')
  })
  it('has no button to save where the role may not', async () => {
    vi.stubGlobal('fetch', (async (url, init) => {
      if (!String(url).endsWith('/admin/resources')) return fake.fetch(url, init)
      const can = { create: false, update: false, delete: false, export: false, import: false }
      return Response.json({ resources: described.map((resource) => ({ ...resource, can })) })
    }) as typeof fetch)
    const html = await page('/r/products/prod_3', 'prod_3')
    expect(textOf(html)).toContain('This is here to be looked at, not changed.')
    expect(html).not.toContain('type="submit"')
  })
  it('tells who changed what', async () => {
    fake.elsewhere('products', 'prod_3', { price: { amount: 9900, currency: 'EUR' } })
    const text = textOf(await page('/r/products/prod_3?tab=history', 'prod_3'))
    expect(text).toMatch(/Ada Clerk changed it .* Price €124\.00 → became €99\.00/)
  })
  it('says when it is gone', async () => {
    expect(textOf(await page('/r/products/prod_0', 'prod_0'))).toContain('It is not here')
  })
  it('is made without what only the server writes', async () => {
    const html = await page('/r/products/new')
    expect(textOf(html)).toContain('Create')
    expect(textOf(html)).not.toContain('Address')
  })
  it('begins in use: what is made without a look at the boxes is not off', () => {
    const bool = (name: string) => ({ name, label: name, type: 'bool' })
    const resource = { ...(described[0] as Resource), fields: ['active', 'enabled', 'published'].map(bool) }
    expect(blankOf(resource)).toEqual({ active: true, enabled: true })
    expect(blankOf({ ...resource, name: 'promotions', fields: [] })).toEqual({ rules: {} })
  })
})

it('shows both sides of a conflict, and what is taken over without asking', async () => {
  const resource = described.find((entry) => entry.name === 'products') as Resource
  const base = structuredClone(fake.tables.products?.[2]) as Row
  fake.elsewhere('products', base.id, { sku: 'THEIRS', featured: true })
  const newer = fake.tables.products?.[2] as Row
  const mine = structuredClone(formOf(resource, base))
  mine.fields.sku = 'MINE'
  const merged = merge(formOf(resource, base), mine, formOf(resource, newer))
  const text = textOf(
    await show('/', <Conflict resource={resource} merged={merged} onDone={() => undefined} />),
  )
  expect(text).toContain('Their changes to Featured are taken over.')
  expect(text).toMatch(/SKU It was: ST-1002 Yours MINE Theirs THEIRS/)
})

it('sends a file as CSV and asks for a trial', async () => {
  const answer = await importRows('products', 'name,price\nChair,12\nTable,x\n')
  expect(answer).toMatchObject({ rows: 2, errors: [{ row: 3, field: 'price' }] })
})
