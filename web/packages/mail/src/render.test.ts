import { beforeAll, describe, expect, it } from 'vitest'
import { LOCALES, render } from '../build.mjs'

const ACCOUNT = ['first_name', 'link']
const ORDER = [
  ...['number', 'first_name', 'placed_on', 'order_url', 'retry_url', 'reason', 'payment_label'],
  ...['lines', 'name', 'options_text', 'sku', 'quantity', 'total', 'image_url'],
  ...['subtotal', 'discounts', 'taxes', 'label', 'amount', 'shipping', 'shipping_free', 'tax_included'],
  ...[
    'shipping_address',
    'billing_address',
    'shipping_method',
    'service_point',
    'promise',
    'from',
    'to',
    '.',
  ],
]
const DOCUMENT = ['first_name', 'number', 'order_number', 'total', 'order_url']
const SHIPMENT = [
  ...['number', 'first_name', 'order_url', 'service_point', 'is_part', 'lines', 'name', 'quantity'],
  ...['carrier', 'parcels', 'tracking_number', 'tracking_url'],
]
const RETURN = [
  ...['number', 'order_number', 'first_name', 'order_url', 'answer', 'has_label', 'carrier'],
  ...['lines', 'name', 'quantity', 'instead'],
]
const REFUND = [
  ...['order_number', 'first_name', 'order_url', 'return_number', 'amount', 'moves_money'],
  ...['lines', 'name', 'quantity', 'total', 'shipping', 'adjustment', 'parts', 'label'],
]
const SHOP = ['shop.name', 'shop.url', 'shop.email', 'shop.address']
/** What the program offers each mail. */
const VIEWS: Record<string, string[]> = {
  verify_email: ACCOUNT,
  already_registered: ACCOUNT,
  password_reset: ACCOUNT,
  password_changed: ACCOUNT,
  guest_claimed: [...ACCOUNT, 'orders', 'number', 'placed_on'],
  order_confirmation: ORDER,
  payment_failed: ORDER,
  order_cancelled: ORDER,
  invoice: DOCUMENT,
  credit_note: DOCUMENT,
  payment_due: ['first_name', 'order_number', 'due', 'total', 'pay_url'],
  gift_card: ['amount', 'expires_on', 'shop_url', 'code', 'recipient', 'sender', 'message'],
  refund_gift_card: ['amount', 'order_number', 'order_url', 'shop_url', 'code'],
  order_shipped: SHIPMENT,
  order_ready_for_pickup: SHIPMENT,
  return_approved: RETURN,
  return_rejected: RETURN,
  return_closed: RETURN,
  return_received: RETURN,
  refund_issued: REFUND,
}

let files: Map<string, string>
beforeAll(async () => {
  files = await render()
})

const tagsOf = (text: string) =>
  [...text.matchAll(/\{\{\{?([#^/&!]?)\s*([^}]*?)\s*\}?\}\}/g)].map(([, sigil, name]) => ({ sigil, name }))
const each = Object.keys(VIEWS).flatMap((name) => LOCALES.map((locale: string) => [name, locale] as const))

describe('mail templates', () => {
  it('has every mail in every language as subject, HTML and text', () => {
    const expected = each.flatMap(([name, locale]) =>
      ['html', 'subject', 'text'].map((kind) => `${name}.${locale}.${kind}`),
    )
    expect([...files.keys()].sort()).toEqual(expected.sort())
  })

  it.each(each)('%s (%s) asks only for what the program offers, and closes what it opens', (name, locale) => {
    for (const kind of ['html', 'subject', 'text']) {
      const text = files.get(`${name}.${locale}.${kind}`) ?? ''
      const open: string[] = []
      for (const tag of tagsOf(text)) {
        expect([...(VIEWS[name] ?? []), ...SHOP]).toContain(tag.name)
        expect(tag.sigil).not.toBe('&')
        if (tag.sigil === '#' || tag.sigil === '^') open.push(tag.name ?? '')
        if (tag.sigil === '/') expect(open.pop()).toBe(tag.name)
      }
      expect(open).toEqual([])
      expect(text).not.toContain('{{{')
      expect(text).not.toContain('[[')
    }
  })

  it.each(each)('%s (%s) says the same in HTML and text: title, links, help', (name, locale) => {
    const html = files.get(`${name}.${locale}.html`) ?? ''
    const text = files.get(`${name}.${locale}.text`) ?? ''
    expect(html).toContain(`lang="${locale}"`)
    const title = (/<title>([^<]*)<\/title>/.exec(html)?.[1] ?? '').replaceAll('&#39;', "'")
    expect(title).not.toBe('')
    expect(text.startsWith(title)).toBe(true)
    for (const link of ['{{link}}', '{{order_url}}', '{{retry_url}}'])
      expect(text.includes(link)).toBe(html.includes(`href="${link}"`))
    expect(text).toContain('{{shop.email}}')
    expect(html).not.toMatch(/<script|(?:src|href)="http:|onclick=|@import/i)
  })

  it.each(Object.keys(VIEWS))('%s is worded in each language, not copied', (name) => {
    const subjects = LOCALES.map((locale: string) => files.get(`${name}.${locale}.subject`))
    expect(new Set(subjects).size).toBe(LOCALES.length)
  })
})
