import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { show, startFake, textOf } from '../../../test/render'
import { oneReturn, type Return, returnRows } from '../../api/returns'
import { session } from '../../api/session'
import { ReturnDesk } from './desk'
import { refundWishOf } from './outcome'
import { ReturnPage } from './return'

const back: Return = {
  id: 'ret_1',
  number: 'R-10001',
  order_id: 'ord_1',
  order_number: 'ST-20449',
  email: 'mira@example.com',
  state: 'requested',
  comment: 'A scratch.',
  answer: '',
  requested_at: '2026-11-01T10:00:00Z',
  lines: [
    {
      line_id: 'oli_1',
      sku: 'CH-1',
      name: 'Oak chair',
      options_text: 'oak',
      comment: '',
      quantity: 2,
      received: 0,
      restocked: 0,
      exchanged: 0,
      refunded: 0,
      reason: 'damaged',
      exchange_sku: 'CH-2',
      exchange_text: 'walnut',
    },
  ],
  photos: [{ id: 'rph_1', width: 10, height: 10 }],
  timeline: [{ at: '2026-11-01T10:00:00Z', kind: 'requested' }],
}
const row = { ...back, units: 2, photos: 1, has_exchange: true }

let answer: object = back
beforeEach(() => {
  const fake = startFake()
  answer = back
  vi.stubGlobal('fetch', (async (url, init) => {
    const { pathname, searchParams } = new URL(String(url), 'http://localhost')
    if (pathname.endsWith('/returns'))
      return Response.json(
        searchParams.get('q') === 'zzz'
          ? { items: [], waiting: [] }
          : { items: [row], waiting: [{ state: 'requested', count: 1 }] },
      )
    return pathname.includes('/returns/') ? Response.json(answer) : fake.fetch(url, init)
  }) as typeof fetch)
})
afterEach(() => vi.unstubAllGlobals())

const page = async (part: Partial<Return> = {}) => {
  answer = { ...back, ...part }
  return textOf(await show('/returns/ret_1', <ReturnPage id="ret_1" />, [session, oneReturn('ret_1')]))
}

it('begins the returns with what there is to decide, and says how many', async () => {
  const at = { state: 'requested', q: '', cursor: '' }
  const html = await show('/returns', <ReturnDesk />, [returnRows(at)])
  expect(textOf(html)).toMatch(/To decide 1/)
  expect(textOf(html)).toMatch(/R-10001 Exchange Photos: 1 ST-20449 mira@example.com Requested/)
  const none = await show('/returns?q=zzz', <ReturnDesk />, [returnRows({ state: '', q: 'zzz', cursor: '' })])
  expect(textOf(none)).toContain('No return fits')
})

it('shows what the buyer said and offers the next step of each state', async () => {
  const asked = await page()
  expect(asked).toContain('A scratch.')
  expect(asked).toContain('for walnut (CH-2)')
  expect(asked).toMatch(/Approve.*Refuse/)
  expect(await page({ state: 'approved' })).toMatch(/Book the receipt/)
  const [line] = back.lines
  const received = await page({ state: 'received', lines: line ? [{ ...line, received: 2 }] : [] })
  expect(received).toMatch(/Send the replacement/)
  expect(received).toMatch(/See what it comes to/)
  const over = await page({ state: 'refunded' })
  expect(over).not.toMatch(/Approve|Book the receipt|See what it comes to/)
})

it('says why the carrier refused, and what can be done about it', async () => {
  const failed = await page({
    state: 'approved',
    label: {
      state: 'failed',
      ready: false,
      carrier: '',
      tracking_number: '',
      status: '',
      problems: [{ field: '', code: 'invalid_postal_code', message: 'The carrier does not know this code.' }],
      from: { name: 'M', line1: 'L 1', postal_code: '1', city: 'B', country: 'DE' },
    },
  })
  expect(failed).toContain('The carrier does not know this code.')
  expect(failed).toMatch(/Try again.*Correct the address.*Go on without a label/)
})

it('reads what is refunded of the delivery, and what is taken off, as it was typed', () => {
  expect(refundWishOf({ shipping: '', deduction: ' ' }, 'EUR')).toEqual({ wish: {} })
  expect(refundWishOf({ shipping: '4.90', deduction: '5' }, 'EUR')).toEqual({
    wish: {
      shipping: { amount: 490, currency: 'EUR' },
      deduction: { amount: 500, currency: 'EUR' },
    },
  })
  expect(refundWishOf({ shipping: '0', deduction: '' }, 'EUR')).toEqual({ wish: {} })
  const wrong = 'Should be an amount, such as 5.00.'
  expect(refundWishOf({ shipping: 'all', deduction: '-1' }, 'EUR')).toEqual({
    wrong: { shipping: wrong, deduction: wrong },
  })
})
