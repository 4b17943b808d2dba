import type { Order, OrderDocument, OrderParcel, OrderShipment } from '@stoa/api-client'
import { NextIntlClientProvider } from 'next-intl'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import german from '../../../../messages/de/order.json'
import english from '../../../../messages/en/order.json'
import { documentHref } from '../api/documents-query'
import { DocumentList } from './order-documents'
import { OrderShipments } from './order-shipments'

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

const sent: OrderShipment = {
  number: 1,
  state: 'in_transit',
  state_label: 'On its way',
  carrier: 'PostNL',
  shipped_at: '2026-11-27T10:00:00Z',
  lines: [{ line_id: 'a', name: 'Isar chair', quantity: 2 }],
  parcels: [
    {
      tracking_number: '3SABC0001',
      tracking_url: 'https://carrier.example/3SABC0001',
      state: 'in_transit',
      state_label: 'On its way',
      events: [{ at: '2026-11-27T11:30:00Z', state: 'in_transit', text: 'Sorted in Utrecht' }],
    },
  ],
}
const arrived: OrderShipment = {
  ...sent,
  number: 2,
  state: 'delivered',
  state_label: 'Delivered',
  delivered_at: '2026-11-28T09:00:00Z',
  parcels: [
    { tracking_number: '3SABC0002', state: 'delivered', state_label: 'Delivered', events: [] },
    // What a carrier sends is not always an address of the web.
    {
      ...(sent.parcels[0] as OrderParcel),
      tracking_number: '3SABC0003',
      tracking_url: 'javascript:alert(1)',
    },
  ],
}
const order = (shipments?: OrderShipment[]) => ({ shipments }) as Order

it('says nothing of parcels before there is one', () => {
  expect(render('en', <OrderShipments order={order()} />)).toBe('')
  expect(render('en', <OrderShipments order={order([])} />)).toBe('')
})

it('tells what is in a parcel, how far it is and where to follow it', () => {
  const html = render('en', <OrderShipments order={order([sent])} />)
  expect(words(html)).toContain('Parcel 1 On its way PostNL · Sent 27 November 2026 2 × Isar chair')
  expect(html).toContain('href="https://carrier.example/3SABC0001"')
  expect(words(html)).toContain('Follow it at PostNL')
  expect(words(html)).toContain('Sorted in Utrecht')
})

it('counts several parcels, and follows no address but one of the web', () => {
  const html = render('de', <OrderShipments order={order([sent, arrived])} level={3} />)
  expect(html).toContain('<h3')
  expect(words(html)).toContain('Paket 2 von 2')
  expect(words(html)).toContain('Zugestellt am 28. November 2026')
  expect(html).not.toContain('javascript:')
  expect(html.match(/<a /g)).toHaveLength(1)
})

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

it('needs no token for the order of an account', () => {
  expect(documentHref('S-1', 'd1', 'xml', undefined)).toBe('/api/v1/orders/S-1/documents/d1/xml')
})
