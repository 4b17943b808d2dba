import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { show, startFake, textOf } from '../../../test/render'
import { type CartPreview, pagePreview, previewPromotion } from '../../api/previews'
import { type GoodsLine, goodsOf, problemOf } from './goods-lines'
import { PagePreview } from './page-preview'
import { PreviewedCart, PromotionPreview } from './promotion-preview'

const euro = (amount: number) => ({ amount, currency: 'EUR' })

let sent: { path: string; body: unknown }[] = []
let answer: () => Response
beforeEach(() => {
  sent = []
  answer = () => Response.json({})
  const fake = startFake()
  vi.stubGlobal('fetch', (async (url, init) => {
    const { pathname } = new URL(String(url), 'http://office')
    if (!pathname.endsWith('-preview')) return fake.fetch(url, init)
    sent.push({ path: pathname, body: JSON.parse(String(init?.body)) })
    return answer()
  }) as typeof fetch)
})
afterEach(() => vi.unstubAllGlobals())

describe('the preview of a page', () => {
  const texts = { title: { en: 'Oak', de: 'Eiche' }, body: { en: '## Slow', de: '' } }
  const page = () => show('/r/pages/pag_1', <PagePreview {...texts} />, [pagePreview('## Slow')])

  it('is what the server made of the text, below its title', async () => {
    answer = () => Response.json({ html: '<h3>Slow</h3><p>A year <em>outdoors</em>.</p>' })
    const html = await page()
    expect(sent).toEqual([{ path: '/api/v1/admin/page-preview', body: { body: '## Slow' } }])
    expect(html).toContain('<h2>Oak</h2><div><h3>Slow</h3><p>A year <em>outdoors</em>.</p></div>')
    expect(textOf(html)).toMatch(/Preview English German Dutch French/)
  })

  it('says what failed, and offers to try again', async () => {
    answer = () =>
      new Response(JSON.stringify({ status: 503, code: 'http.unavailable', request_id: 'req_7' }), {
        status: 503,
        headers: { 'content-type': 'application/problem+json' },
      })
    const text = textOf(await page())
    expect(text).toContain('req_7')
    expect(text).toContain('Try again')
  })
})

describe('the preview of a promotion', () => {
  const line = (key: number, id: string | null, quantity = '1'): GoodsLine => ({
    key,
    variant: id ? { id, label: id } : null,
    quantity,
  })
  const lines = [line(0, null), line(1, 'var_1', '3'), line(2, 'var_2', '0'), line(3, 'var_3', '1')]

  it('sends the lines that are filled in', async () => {
    expect(goodsOf(lines)).toEqual([
      { variant_id: 'var_1', quantity: 3 },
      { variant_id: 'var_3', quantity: 1 },
    ])
    const wish = { promotion_id: 'prm_1', country: 'DE', currency: 'EUR', lines: goodsOf(lines) }
    await previewPromotion(wish)
    expect(sent).toEqual([{ path: '/api/v1/admin/promotion-preview', body: wish }])
  })

  it('shows what is wrong at the line that it is about', () => {
    const errors = { 'lines.1.variant_id': 'Is not sold.' }
    expect(lines.map((one) => problemOf(lines, one, 'lines', errors))).toEqual([
      undefined,
      undefined,
      undefined,
      'Is not sold.',
    ])
  })

  it('waits for goods before it can be asked', async () => {
    const html = await show('/r/promotions/prm_1', <PromotionPreview id="prm_1" />)
    expect(html).toMatch(/<button[^>]*disabled=""[^>]*>(<[^>]*>)*Work it out/)
  })

  it('shows lines, reductions, sums and how it came to them', async () => {
    const cart: CartPreview = {
      lines: [
        {
          name: 'Isar chair',
          sku: 'ISA-1',
          quantity: 2,
          unit_price: euro(14_900),
          discount: euro(2_980),
          total: euro(26_820),
        },
      ],
      promotions: [{ name: 'autumn', label: 'Autumn, 10 %', amount: euro(2_980) }],
      totals: { subtotal: euro(29_800), discount: euro(2_980), tax: euro(4_282), total: euro(26_820) },
      steps: ['Autumn takes 10 % off.'],
    }
    const text = textOf(await show('/', <PreviewedCart cart={cart} />))
    expect(text).toContain('Isar chair ISA-1 2 €149.00 €29.80 €268.20')
    expect(text).toContain('Goods €298.00 Autumn, 10 % -€29.80 Tax in it €42.82 Total €268.20')
    expect(text).toContain('How it came to this Autumn takes 10 % off.')
  })
})
