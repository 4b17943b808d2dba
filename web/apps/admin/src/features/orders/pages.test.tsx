import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { show, startFake, textOf } from '../../../test/render'
import { deskOrder, deskOrders, labelsHref, orderMoney, pickingList, type Shipment } from '../../api/orders'
import { returnsOf } from '../../api/returns'
import { OrderDesk } from './desk'
import { printable } from './labels'
import { OrderPage, Replaces } from './order'
import { byWarehouse, PickingList } from './picking'

let fake: ReturnType<typeof startFake>
beforeEach(() => {
  fake = startFake()
})
afterEach(() => vi.unstubAllGlobals())

it('begins the desk with what there is to do', async () => {
  const place = { state: 'confirmed', q: '', tag: '', cursor: '' }
  const html = await show('/orders', <OrderDesk />, [deskOrders(place)])
  const rows = textOf(html).match(/ST-\d+/g) ?? []
  expect(rows.length).toBeGreaterThan(5)
  expect(textOf(html)).not.toContain('Pending payment')
  expect(html).toMatch(/aria-current="page"[^>]*>To do/)
})

it('searches in every queue', async () => {
  const html = await show('/orders?q=ST-20450', <OrderDesk />, [
    deskOrders({ state: '', q: 'ST-20450', tag: '', cursor: '' }),
  ])
  expect(textOf(html)).toMatch(/ST-20450 Mira Lindqvist .* Pending payment/)
  const nothing = await show('/orders?q=zzz', <OrderDesk />, [
    deskOrders({ state: '', q: 'zzz', tag: '', cursor: '' }),
  ])
  expect(textOf(nothing)).toContain('No order fits')
})

it('shows an order with goods, buyer, notes, money and what comes next', async () => {
  const text = textOf(
    await show('/orders/ord_2', <OrderPage id="ord_2" />, [deskOrder('ord_2'), orderMoney('ord_2')]),
  )
  for (const part of [
    'ST-20449',
    'Confirmed',
    'Oak chair 1, oak',
    'Lindenstraße 12',
    'Rings before delivery',
    'Plan shipments',
    'Captured',
  ])
    expect(text).toContain(part)
})

it('leads to the returns of an order, and to no others', async () => {
  const page = async (id: string, number: string) =>
    show(`/orders/${id}`, <OrderPage id={id} />, [deskOrder(id), orderMoney(id), returnsOf(number)])
  const html = await page('ord_5', 'ST-20446')
  expect(textOf(html)).toMatch(/Returns R-10001 Requested Exchange 2 units, asked for/)
  expect(html).toContain('href="/admin/returns/ret_1"')
  // The search answers with whatever number begins like this order's.
  vi.stubGlobal('fetch', ((url, init) =>
    fake.fetch(String(url).includes('/returns') ? '/api/v1/admin/returns' : url, init)) as typeof fetch)
  expect(textOf(await page('ord_2', 'ST-20449'))).not.toContain('R-10001')
})

it('leads from a replacement to the return that it came from', async () => {
  const what = { return_id: 'ret_9', return_number: 'R-10009', order_id: 'ord_3', order_number: 'ST-20448' }
  const html = await show('/orders/ord_2', <Replaces what={what} />, [])
  expect(textOf(html)).toContain('in exchange, return R-10009 of ST-20448')
  expect(html).toContain('href="/admin/returns/ret_9"')
  expect(html).toContain('href="/admin/orders/ord_3"')
})

it('leaves out the money of an order that has none, and does not call it a failure', async () => {
  vi.stubGlobal('fetch', (async (url, init) =>
    String(url).endsWith('/money')
      ? new Response('{"status":404,"code":"http.not_found"}', {
          status: 404,
          headers: { 'content-type': 'application/problem+json' },
        })
      : fake.fetch(url, init)) as typeof fetch)
  const text = textOf(
    await show('/orders/ord_2', <OrderPage id="ord_2" />, [deskOrder('ord_2'), orderMoney('ord_2')]),
  )
  expect(text).not.toContain('Captured')
  expect(text).not.toContain('could not be loaded')
})

it('hides what a role may not do', async () => {
  vi.stubGlobal('fetch', (async (url, init) => {
    if (!String(url).endsWith('/admin/session')) return fake.fetch(url, init)
    return Response.json({
      status: 'signed_in',
      staff: { id: 's', name: 'R', email: 'r@x', permissions: ['orders.read'] },
    })
  }) as typeof fetch)
  const text = textOf(
    await show('/orders/ord_2', <OrderPage id="ord_2" />, [deskOrder('ord_2'), orderMoney('ord_2')]),
  )
  expect(text).toContain('Rings before delivery')
  for (const part of ['Plan shipments', 'Refund ', 'Add the note']) expect(text).not.toContain(part)
})

it('makes a picking list by warehouse, and says what is in none', async () => {
  const text = textOf(
    await show('/picking?orders=ord_2,ord_8', <PickingList />, [pickingList(['ord_2', 'ord_8'])]),
  )
  expect(text).toContain('2 of these orders have no shipment yet')
  const pick = (warehouse_id: string, sku: string) => ({
    warehouse_id,
    sku,
    name: sku,
    quantity: 1,
    orders: [],
  })
  expect(
    byWarehouse([pick('a', '1'), pick('b', '2'), pick('a', '3')]).map((group) => [
      group.warehouse,
      group.picks.length,
    ]),
  ).toEqual([
    ['a', 2],
    ['b', 1],
  ])
})

it('holds back what is not paid, at planning and beside what was planned before', async () => {
  const orders = fake.tables.orders ?? []
  const call = (method: string, path: string, body: object) =>
    fake.answer({ method, path, body, query: new URLSearchParams(), ifMatch: null })
  call('POST', '/orders/ord_8/shipments', { shipments: [] })
  for (const id of ['ord_2', 'ord_8']) {
    const row = orders.find((order) => order.id === id)
    if (row) row.payment_state = 'partially_paid'
  }
  const page = () =>
    show('/picking?orders=ord_2,ord_8,ord_3', <PickingList />, [
      pickingList(['ord_2', 'ord_8', 'ord_3']),
      ...['ord_2', 'ord_8', 'ord_3'].map(deskOrder),
    ])
  const text = textOf(await page())
  expect(text).toContain('2 orders are held back: money is due')
  expect(text).toContain('ST-20449 : partially paid')
  expect(text).toContain('Plan it all the same')
  // The third one only: the others are asked about.
  expect(text).toContain('1 of these orders has no shipment yet')
  expect(text).toMatch(/ST-20443-1 .*Planned Money is due/)
  expect(call('POST', '/orders/ord_2/shipments', { shipments: [] })?.status).toBe(409)
  expect(call('POST', '/orders/ord_2/shipments', { shipments: [], anyway: true })?.status).toBe(201)
  expect(textOf(await page())).not.toContain('Plan it all the same')
})

it('prints all labels of a run as one file', () => {
  const shipment = (state: string, ...tracking: string[]) =>
    ({ state, parcels: tracking.map((tracking_number) => ({ tracking_number })) }) as Shipment
  expect(
    printable([
      shipment('labelled', '3S1', '3S2'),
      shipment('labelled', '3S3'),
      shipment('planned', ''),
      shipment('cancelling', '3S4'),
    ]),
  ).toBe(3)
  expect(labelsHref(['ord_1', 'ord_2'])).toBe('/api/v1/admin/shipment-labels?orders=ord_1%2Cord_2')
})
