import type { OrderDocument } from '@stoa/api-client'
import { NextIntlClientProvider } from 'next-intl'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import german from '../../../../messages/de/order.json'
import english from '../../../../messages/en/order.json'
import { documentHref } from '../api/documents-query'
import { DocumentList } from './order-documents'

const render = (locale: 'en' | 'de', children: ReactNode) =>
  renderToStaticMarkup(
    <NextIntlClientProvider
      locale={locale}
      timeZone="Europe/Amsterdam"
      messages={{ order: locale === 'de' ? german : english }}
    >
      {children}
    </NextIntlClientProvider>,
  )
const words = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

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
  const html = render('en', <DocumentList number="S-100001" token="t k" documents={documents} />)
  expect(words(html)).toContain('Invoice R-2026-7 27 November 2026, €288.00 PDF XML')
  expect(html).toContain('href="/api/v1/orders/S-100001/documents/d1/pdf?token=t+k"')
  expect(html).toContain('aria-label="Invoice R-2026-7 as PDF"')
  expect(words(html)).toContain('Credit note G-2026-1 28 November 2026, €159.00 Being made')
  expect(html).not.toContain('/d2/')
})

it('speaks the language of the shop', () => {
  const html = render('de', <DocumentList number="S-100001" token={undefined} documents={documents} />)
  expect(words(html)).toContain('Rechnung R-2026-7')
  expect(words(html)).toContain('Gutschrift G-2026-1')
})

it('needs no token for the order of an account', () => {
  expect(documentHref('S-1', 'd1', 'xml', undefined)).toBe('/api/v1/orders/S-1/documents/d1/xml')
})
