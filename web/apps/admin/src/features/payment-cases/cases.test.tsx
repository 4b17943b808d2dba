import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { show, startFake, textOf } from '../../../test/render'
import { type CaseDetail, paymentCase, paymentCases } from '../../api/payment-cases'
import { session } from '../../api/session'
import { CasePage } from './case'
import { PaymentCases } from './cases'

const euro = (amount: number) => ({ amount, currency: 'EUR' })
const open: CaseDetail = {
  case: {
    id: 'pcs_1',
    version: 1,
    state: 'open',
    kind: 'chargeback',
    found_at: '2026-11-01T10:00:00Z',
    reference: 'ST-20449-a1',
    transaction_id: '240000017',
    order_id: 'ord_1',
    order_number: 'ST-20449',
    amount: euro(8392),
    note: '',
    staff: '',
  },
  owed: euro(8392),
  choices: [
    { resolution: 'accepted_as_loss', amount: euro(8392), within_limit: false },
    { resolution: 'won_back', amount: euro(8392), within_limit: true },
  ],
}

let answer: CaseDetail = open
beforeEach(() => {
  const fake = startFake()
  answer = open
  vi.stubGlobal('fetch', (async (url, init) => {
    const { pathname, searchParams } = new URL(String(url), 'http://localhost')
    if (pathname.endsWith('/payment-cases'))
      return Response.json({ items: searchParams.get('state') === 'open' ? [answer.case] : [] })
    return pathname.includes('/payment-cases/') ? Response.json(answer) : fake.fetch(url, init)
  }) as typeof fetch)
})
afterEach(() => vi.unstubAllGlobals())

const page = async (part: Partial<CaseDetail> = {}) => {
  answer = { ...open, ...part }
  return show('/payment-cases/pcs_1', <CasePage id="pcs_1" />, [session, paymentCase('pcs_1')])
}

it('lists what there is to decide, and what was resolved apart', async () => {
  const html = await show('/payment-cases', <PaymentCases />, [paymentCases({ state: 'open', cursor: '' })])
  expect(textOf(html)).toMatch(/Chargeback ST-20449 €83.92/)
  const none = await show('/payment-cases?state=resolved', <PaymentCases />, [
    paymentCases({ state: 'resolved', cursor: '' }),
  ])
  expect(textOf(none)).toContain('No case was resolved yet')
})

it('offers the ways with what they book, but none above the limit of the role', async () => {
  const html = await page()
  const text = textOf(html)
  expect(text).toMatch(/The buyer owes on the order €83.92/)
  expect(text).toMatch(/Accept it as a loss €83.92 .*above the amount your role may decide/)
  expect(text).toMatch(/Won back €83.92/)
  expect(html).toMatch(/<input[^>]*disabled=""[^>]*value="accepted_as_loss"/)
  expect(html).not.toMatch(/<input[^>]*disabled=""[^>]*value="won_back"/)
})

it('waits for a refund that is under way, and says how a case was resolved', async () => {
  expect(textOf(await page({ choices: [] }))).toContain('A refund of this payment is under way')
  const over = textOf(
    await page({
      choices: [],
      case: {
        ...open.case,
        state: 'resolved',
        version: 2,
        resolution: 'accepted_as_loss',
        moved: euro(8392),
        note: 'The bank has decided.',
        staff: 'Mia',
      },
    }),
  )
  expect(over).toMatch(/Accept it as a loss, €83.92 The bank has decided. Mia/)
  expect(over).not.toContain('Resolve it')
})
