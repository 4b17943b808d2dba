import type { OrderDocument } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { renderHtml, wordsOf } from '../../../../test/render'
import { documentHref } from '../api/documents-query'
import { DocumentList } from './order-documents'

const documents: OrderDocument[] = [
  {
    id: 'd1',
    kind: 'invoice',
    number: 'R-2026-7',
    issued_at: '2026-11-27T10:00:00Z',
    total: { amount: 28_800, currency: 'EUR' },
    ready: true,
  },
  {
    id: 'd2',
    kind: 'credit_note',
    number: 'G-2026-1',
    issued_at: '2026-11-28T10:00:00Z',
    total: { amount: 15_900, currency: 'EUR' },
    ready: false,
  },
]

it('offers the files of a document that is made, with the token of the link', () => {
  const html = renderHtml('en', <DocumentList number="S-100001" token="t k" documents={documents} />)
  expect(wordsOf(html)).toContain('Invoice R-2026-7 27 November 2026, €288.00 PDF XML')
  expect(html).toContain('href="/api/v1/orders/S-100001/documents/d1/pdf?token=t+k"')
  expect(html).toContain('aria-label="Invoice R-2026-7 as PDF"')
  expect(wordsOf(html)).toContain('Credit note G-2026-1 28 November 2026, €159.00 Being made')
  expect(html).not.toContain('/d2/')
})

it('speaks the language of the shop', () => {
  const html = renderHtml('de', <DocumentList number="S-100001" token={undefined} documents={documents} />)
  expect(wordsOf(html)).toContain('Rechnung R-2026-7')
  expect(wordsOf(html)).toContain('Gutschrift G-2026-1')
})

it('needs no token for the order of an account', () => {
  expect(documentHref('S-1', 'd1', 'xml', undefined)).toBe('/api/v1/orders/S-1/documents/d1/xml')
})
