import type { Row } from '../../src/api/types'
import { type Answer, type At, euro, type FakeRequest, made, ok, problem, staff } from './answers'

/** The order desk: orders with their shipments, notes, money and returns. */
export function makeDesk(orders: Row[], at: At) {
  let nextId = 1
  const address = (name: string) => ({
    first_name: name.split(' ')[0] ?? '',
    last_name: name.split(' ').slice(1).join(' '),
    line1: 'Lindenstraße 12',
    postal_code: '10969',
    city: 'Berlin',
    country: 'DE',
  })
  const shipments: Record<string, Record<string, unknown>[]> = {}
  const notes: Record<string, { at: string; author: string; body: string }[]> = {
    ord_2: [{ at: at(5), author: 'Tom Clerk', body: 'Rings before delivery: third floor, no lift.' }],
  }
  const tags: Record<string, string[]> = { ord_2: ['gift'] }
  const refunds: Record<string, unknown>[] = []
  const returns = [
    {
      id: 'ret_1',
      number: 'R-10001',
      order_id: 'ord_5',
      order_number: orders[4]?.number,
      email: orders[4]?.email,
      state: 'requested',
      requested_at: at(90),
      units: 2,
      photos: 1,
      has_exchange: true,
    },
  ]
  const summary = (row: Row) => ({
    id: row.id,
    number: row.number,
    placed_at: row.placed_at,
    state: row.state,
    payment_state: row.payment_state,
    total: row.total,
    name: row.customer,
    email: row.email,
    country: 'DE',
    item_count: 3,
    tags: tags[row.id] ?? [],
  })
  // As the shop does: nothing of these goes before somebody says that it goes anyway.
  const owes = (row: Row | undefined) =>
    ['partially_paid', 'failed', 'refunded'].includes(String(row?.payment_state))
  const due = { detail: 'More is due for this order than was paid.' }
  const moneyOf = (row: Row) => ({
    version: Number(row.version),
    total: row.total,
    captured: row.total,
    refunded: euro(0),
    pending: euro(0),
    refundable: euro(32200 - refunds.length * 9900),
    owed: euro(0),
    payable: euro(0),
    due: euro(0),
    as_credit: euro(0),
    written_off: euro(0),
    shipping: euro(490),
    shipping_left: euro(490),
    lines: (row.lines as Row[]).map((line) => ({
      line_id: line.id,
      sku: line.sku,
      name: line.name,
      options_text: '',
      quantity: line.quantity,
      shipped: 0,
      refunded: 0,
      left: line.total,
    })),
    refunds: refunds.map((entry) => ({ as_credit: euro(0), ...entry })),
  })
  const detail = (row: Row) => ({
    order: {
      ...summary(row),
      state_label: '',
      currency: 'EUR',
      locale: 'de',
      lines: (row.lines as Row[]).map((line) => ({
        ...line,
        options_text: 'oak',
        unit_price: euro(9900),
        discount: euro(0),
        gift_cards: [],
      })),
      discounts: [{ label: 'Autumn, 5 %', amount: euro(1610) }],
      totals: {
        subtotal: euro(32200),
        discount: euro(1610),
        shipping: euro(490),
        tax: euro(4900),
        total: row.total,
        tax_included: true,
        tax_lines: [],
      },
      shipping_address: address(String(row.customer)),
      billing_address: address(String(row.customer)),
      shipping: { method_name: 'DHL Parcel' },
      payment: { method: 'card', label: 'Visa 1111' },
      timeline: (row.timeline as { at: string; what: string }[]).map((entry) => ({
        at: entry.at,
        kind: 'x',
        text: entry.what,
      })),
      can_cancel: true,
    },
    customer_id: 'cus_1',
    phone: '+49 30 123456',
    tags: tags[row.id] ?? [],
    notes: notes[row.id] ?? [],
    history: (row.timeline as { at: string }[])
      .map((entry) => ({ at: entry.at, kind: 'x', data: {} }))
      .reverse(),
    payments: [
      {
        id: 'pay_1',
        reference: 'V-20449-1',
        method: 'card',
        state: 'paid',
        decline: 'none',
        label: 'Visa 1111',
        amount: row.total,
        captured: row.total,
        refunded: euro(0),
        created_at: row.placed_at,
      },
    ],
    shipments: shipments[row.id] ?? [],
  })

  return ({ method, path, query, body }: FakeRequest): Answer | undefined => {
    const input = (body ?? {}) as Record<string, unknown>
    const call = `${method} ${path}`
    if (call === 'GET /orders') {
      const state = query.get('state')
      const q = (query.get('q') ?? '').toLowerCase()
      const from = Number(query.get('cursor') ?? 0)
      const found = orders.filter(
        (row) =>
          (!state || row.state === state) &&
          (!q || JSON.stringify(row).toLowerCase().includes(q)) &&
          (!query.get('tag') || tags[row.id]?.includes(query.get('tag') ?? '')),
      )
      return ok({
        items: found.slice(from, from + 50).map(summary),
        next_cursor: from + 50 < found.length ? String(from + 50) : null,
      })
    }
    if (call === 'GET /picking-list') {
      const ids = (query.get('orders') ?? '').split(',')
      const planned = ids.filter((id) => shipments[id]?.length)
      return ok({
        items: planned.length
          ? [
              {
                warehouse_id: 'wh_1',
                sku: 'ST-1000-O',
                name: 'Oak chair 1, oak',
                quantity: 2 * planned.length,
                orders: planned.map((id) => ({ order_number: id, shipment: 1, quantity: 2 })),
              },
            ]
          : [],
        unplanned: ids.filter((id) => !shipments[id]?.length),
        money_due: ids.filter((id) => owes(orders.find((row) => row.id === id))),
      })
    }
    if (call === 'POST /shipments/announce') {
      const wanted = input.shipment_ids as string[]
      const held: string[] = []
      for (const list of Object.values(shipments))
        for (const shipment of list)
          if (!wanted.includes(String(shipment.id))) continue
          else if (!input.anyway && owes(orders.find((row) => row.number === shipment.order_number)))
            held.push(String(shipment.id))
          else {
            shipment.state = 'labelled'
            shipment.carrier = 'DHL'
            shipment.parcels = [
              {
                position: 1,
                weight_grams: 7400,
                tracking_number: '00340434161094',
                tracking_url: null,
                state: 'labelled',
                status: 'Announced',
              },
            ]
          }
      return ok({
        items: wanted.map((id) =>
          held.includes(id)
            ? { shipment_id: id, labelled: false, code: 'orders.money_due', message: due.detail }
            : { shipment_id: id, labelled: true },
        ),
      })
    }
    if (call === 'GET /returns') {
      const q = (query.get('q') ?? '').toUpperCase()
      const state = query.get('state')
      return ok({
        items: returns.filter(
          (one) =>
            (!state || one.state === state) &&
            (one.number.startsWith(q) || String(one.order_number).startsWith(q)),
        ),
        waiting: [{ state: 'requested', count: 1 }],
        next_cursor: null,
      })
    }
    const order = /^\/orders\/([^/]+)(\/.*)?$/.exec(path)
    if (order) {
      const row = orders.find((entry) => entry.id === order[1])
      if (!row) return problem(404, 'orders.not_found')
      const rest = order[2] ?? ''
      if (rest === '') return ok(detail(row))
      if (rest === '/money') return ok(moneyOf(row))
      if (rest === '/notes') {
        notes[row.id] = [
          ...(notes[row.id] ?? []),
          { at: at(0), author: staff.name, body: String(input.body) },
        ]
        return made({ items: notes[row.id] })
      }
      if (rest === '/tags') {
        tags[row.id] = input.tags as string[]
        return ok({ tags: tags[row.id] })
      }
      const parts = (row.lines as Row[]).map((line) => ({
        line_id: line.id,
        sku: line.sku,
        name: line.name,
        quantity: line.quantity,
        parcel: 1,
      }))
      if (rest === '/shipments/proposal')
        return ok({
          parts: [
            { warehouse_id: 'wh_1', warehouse_name: 'Berlin', parcels: 1, cost: euro(590), lines: parts },
          ],
          missing: [],
          considered: [
            { warehouses: ['Berlin'], parcels: 1, cost: euro(590), missing: 0, verdict: 'chosen' },
            { warehouses: ['Rotterdam'], parcels: 1, cost: euro(890), missing: 0, verdict: 'dearer' },
          ],
        })
      if (rest === '/shipments') {
        if (owes(row) && !input.anyway) return problem(409, 'orders.money_due', due)
        const planned = {
          id: `shp_${nextId++}`,
          number: 1,
          order_number: row.number,
          warehouse_id: 'wh_1',
          state: 'planned',
          carrier: '',
          option_code: '',
          to: {},
          problems: [],
          lines: parts,
          parcels: [{ position: 1, weight_grams: 7400, tracking_number: '', state: 'planned', status: '' }],
          created_at: at(0),
        }
        shipments[row.id] = [...(shipments[row.id] ?? []), planned]
        return made({ items: [planned] })
      }
      if (rest === '/refunds/preview')
        return ok({
          version: Number(row.version),
          total: euro(9900),
          tax: euro(1580),
          settles: euro(0),
          parts: [{ payment_id: 'pay_1', label: 'Visa 1111', amount: euro(9900) }],
          within_limit: true,
        })
      if (rest === '/refunds') {
        refunds.push({
          id: `ref_${nextId++}`,
          state: 'pending',
          reason: input.reason,
          staff: staff.name,
          amount: euro(9900),
          created_at: at(0),
        })
        return made(moneyOf(row))
      }
    }
    return undefined
  }
}
