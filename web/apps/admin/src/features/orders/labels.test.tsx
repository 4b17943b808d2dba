import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, expect, it, vi } from 'vitest'
import { textOf } from '../../../test/render'
import type { Shipment } from '../../api/orders'
import { handOver } from './hand-over'
import { LabelLinks } from './label-links'
import { Considered } from './plan'
import { HeldBack, outcomeOf } from './use-labels'

afterEach(() => vi.unstubAllGlobals())

const made = (shipment_id: string) => ({ shipment_id, labelled: true })
const held = (shipment_id: string) => ({
  shipment_id,
  labelled: false,
  code: 'orders.money_due',
  message: 'More is due for this order than was paid.',
})
const shipment = { id: 'shp_1', order_number: 'ST-20449', number: 2 } as Shipment

it('tells what became of a run of labels', () => {
  expect(outcomeOf([made('a')])).toMatchObject({ summary: 'The label is there.', complete: true })
  expect(outcomeOf([made('a'), made('b')]).summary).toBe('2 labels are there.')
  const refused = { shipment_id: 'c', labelled: false, message: 'The postal code is unknown.' }
  expect(outcomeOf([held('b'), made('a'), refused])).toEqual({
    made: 1,
    complete: false,
    held: [held('b')],
    summary: '1 of 3 labels were made. The postal code is unknown.',
  })
  // What is held back is asked about; it is no refusal of the carrier's.
  expect(outcomeOf([made('a'), held('b')]).summary).toBe('1 of 2 labels were made.')
})

it('names what is held back, and why, before it goes anyway', () => {
  const text = textOf(renderToStaticMarkup(<HeldBack items={[held('shp_1')]} shipments={[shipment]} />))
  expect(text).toContain('ST-20449-2: More is due for this order than was paid.')
  expect(text).toContain('audit log')
})

it('has each label for paper and for a label printer', () => {
  const parcel = { position: 3, tracking_number: '3SABCD' } as Shipment['parcels'][number]
  const html = renderToStaticMarkup(<LabelLinks shipment={shipment} parcel={parcel} />)
  expect(html).toContain('/shipments/shp_1/label?format=pdf&amp;parcel=3')
  expect(html).toContain('/shipments/shp_1/label?format=zpl&amp;parcel=3')
  expect(
    renderToStaticMarkup(<LabelLinks shipment={shipment} parcel={{ ...parcel, tracking_number: '' }} />),
  ).toBe('')
})

it('says why goods go from where they go', () => {
  const cost = (amount: number) => ({ amount, currency: 'EUR' })
  const chosen = { warehouses: ['Berlin'], parcels: 1, cost: cost(590), missing: 0, verdict: 'chosen' }
  const other = {
    warehouses: ['Berlin', 'Rotterdam'],
    parcels: 2,
    cost: cost(1180),
    missing: 1,
    verdict: 'not everything is there',
  }
  const text = textOf(renderToStaticMarkup(<Considered of={[chosen, other]} />))
  expect(text).toMatch(/Berlin 1 €5\.90 Chosen/)
  expect(text).toMatch(/Berlin and Rotterdam 2 €11\.80 Not everything is there 1 unit is not there/)
  expect(renderToStaticMarkup(<Considered of={[chosen]} />)).toBe('')
})

it('hands over one after another, and names what was not', async () => {
  const asked: string[] = []
  vi.stubGlobal('fetch', (async (url) => {
    asked.push(String(url))
    return String(url).includes('shp_2')
      ? Response.json(
          { status: 409, code: 'shipping.transition_not_allowed', detail: 'It was cancelled.' },
          { status: 409, headers: { 'content-type': 'application/problem+json' } },
        )
      : Response.json({})
  }) as typeof fetch)
  const failed = await handOver(
    ['shp_1', 'shp_2', 'shp_3'].map((id, at) => ({ ...shipment, id, number: at + 1 })),
  )
  expect(failed).toEqual(['ST-20449-2: It was cancelled.'])
  expect(asked).toEqual(['shp_1', 'shp_2', 'shp_3'].map((id) => `/api/v1/admin/shipments/${id}/hand-over`))
})
