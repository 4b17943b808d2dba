import type { Address, Order } from '@stoa/api-client'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { request } from './request'
import type { MoneyValue } from './types'

export type DeskOrder = {
  id: string
  number: string
  placed_at: string
  state: string
  payment_state: string
  total: MoneyValue
  name: string
  email: string
  country: string
  item_count: number
  /** Units that are not there yet. */
  waiting_units: number
  tags: string[]
}

export type ShipTo = {
  name: string
  company?: string | null
  line1: string
  line2?: string | null
  postal_code: string
  city: string
  state?: string | null
  country: string
  email?: string | null
  phone?: string | null
}

export type Shipment = {
  id: string
  order_id: string
  number: number
  order_number: string
  warehouse_id: string
  state: string
  carrier: string
  option_code: string
  to: ShipTo
  problems: { field: string; code: string; message: string }[]
  lines: { parcel: number; line_id: string; sku: string; name: string; quantity: number }[]
  parcels: {
    position: number
    weight_grams: number
    tracking_number: string
    tracking_url?: string | null
    state: string
    status: string
  }[]
  service_point_id?: string | null
  created_at: string
  /** Without it no carrier platform knows of it: there is no label. */
  announced_at?: string | null
  left_at?: string | null
  delivered_at?: string | null
  booked_in_at?: string | null
}

export type Note = { at: string; author: string; body: string }

export type DeskDetail = {
  order: Order
  customer_id?: string | null
  phone: string
  tags: string[]
  notes: Note[]
  history: { at: string; kind: string; data: Record<string, unknown> }[]
  payments: {
    id: string
    reference: string
    method: string
    state: string
    decline: string
    label: string
    amount: MoneyValue
    captured: MoneyValue
    refunded: MoneyValue
    created_at: string
  }[]
  shipments: Shipment[]
  /** Of an exchange: the return that it came from, and the order before. */
  replaces?: { return_id: string; return_number: string; order_id: string; order_number: string } | null
}

export type DeskState = { state: string; q: string; tag: string; cursor: string }

export const deskOrders = ({ state, q, tag, cursor }: DeskState) => {
  const query = new URLSearchParams()
  // A queue of parcels, whatever the state of their orders.
  if (state === 'trouble') query.set('trouble', 'true')
  else if (state === 'waiting') query.set('waiting', 'true')
  // What came in for an order that waited for it, until its shipment is planned.
  else if (state === 'arrived') query.set('tag', 'goods arrived')
  else if (state) query.set('state', state)
  // One letter finds everything and says nothing.
  if (q.trim().length >= 2) query.set('q', q.trim())
  if (tag) query.set('tag', tag)
  if (cursor) query.set('cursor', cursor)
  return queryOptions({
    queryKey: ['desk', query.toString()],
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    queryFn: ({ signal }) =>
      request<{ items: DeskOrder[]; next_cursor?: string | null }>('GET', '/orders', { query, signal }),
  })
}

const path = (id: string, rest = '') => `/orders/${encodeURIComponent(id)}${rest}`

export const deskOrder = (id: string) =>
  queryOptions({
    queryKey: ['desk-order', id],
    queryFn: ({ signal }) => request<DeskDetail>('GET', path(id), { signal }),
  })

export const addNote = (id: string, body: string, idempotencyKey: string) =>
  request<{ items: Note[] }>('POST', path(id, '/notes'), { body: { body }, idempotencyKey })
export const setTags = (id: string, tags: string[]) =>
  request<{ tags: string[] }>('PUT', path(id, '/tags'), { body: { tags } })

export type ProposalLine = { line_id: string; sku: string; name: string; quantity: number; parcel: number }
export type Proposal = {
  parts: {
    warehouse_id: string
    warehouse_name: string
    parcels: number
    cost: MoneyValue
    lines: ProposalLine[]
  }[]
  missing: ProposalLine[]
  /** What was weighed, best first. */
  considered: {
    warehouses: string[]
    parcels: number
    cost: MoneyValue
    missing: number
    verdict: string
  }[]
}
export const proposal = (id: string) =>
  queryOptions({
    queryKey: ['proposal', id],
    staleTime: 0,
    queryFn: ({ signal }) => request<Proposal>('GET', path(id, '/shipments/proposal'), { signal }),
  })
/** Everything that is left, as proposed. `anyway`: also when the order owes money, which is refused without (orders.money_due). */
export const planShipments = (id: string, idempotencyKey: string, anyway = false) =>
  request<{ items: Shipment[] }>('POST', path(id, '/shipments'), {
    body: { shipments: [], anyway },
    idempotencyKey,
  })

export type Announced = {
  items: {
    shipment_id: string
    labelled: boolean
    code?: string | null
    message?: string | null
    shipment?: Shipment | null
  }[]
}
export const announce = (ids: string[], idempotencyKey: string, anyway = false) =>
  request<Announced>('POST', '/shipments/announce', { body: { shipment_ids: ids, anyway }, idempotencyKey })
/** What came back: so many of each line go to stock, the others are written off. */
export const bookIn = (id: string, lines: { line_id: string; restocked: number }[], idempotencyKey: string) =>
  request<Shipment>('POST', `/shipments/${encodeURIComponent(id)}/book-in`, {
    body: { lines },
    idempotencyKey,
  })
export const actOnShipment = (id: string, act: 'cancel' | 'hand-over') =>
  request<Shipment>('POST', `/shipments/${encodeURIComponent(id)}/${act}`)
/** How it goes there: a delivery of the carrier platform, or '' for the cheapest that fits. */
export type Way = { option_code: string; service_point_id: string }
/** Where it goes, and how, while it has no label. The order keeps what the buyer chose. */
export const correctShipment = (id: string, to: ShipTo, way?: Way) => {
  // What is empty is not there.
  const given = Object.fromEntries(Object.entries(to).filter(([, value]) => value?.trim()))
  return request<Shipment>('PATCH', `/shipments/${encodeURIComponent(id)}`, { body: { to: given, ...way } })
}
/** It goes without a label: with whoever was named. */
export type ByHand = {
  carrier?: string
  tracking_numbers?: string[]
  tracking_url?: string
  anyway?: boolean
}
export const sendByHand = (id: string, how: ByHand, idempotencyKey: string) =>
  request<Shipment>('POST', `/shipments/${encodeURIComponent(id)}/send-by-hand`, {
    body: how,
    idempotencyKey,
  })
export const endByHand = (id: string, end: 'delivered' | 'returned', idempotencyKey: string) =>
  request<Shipment>('POST', `/shipments/${encodeURIComponent(id)}/end-by-hand`, {
    body: { end },
    idempotencyKey,
  })

export type DeliveryOption = {
  id: string
  name: string
  carrier?: string | null
  kind: 'home' | 'service_point'
  price: MoneyValue
}
/** How what an order holds could be sent, to its own postal code or to another one. */
export const deliveryOptions = (id: string, postalCode?: string) =>
  queryOptions({
    queryKey: ['delivery-options', id, postalCode ?? ''],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      request<{ items: DeliveryOption[] }>('GET', path(id, '/delivery-options'), {
        query: new URLSearchParams(postalCode?.trim() ? { postal_code: postalCode.trim() } : {}),
        signal,
      }),
  })
export type Point = {
  id: string
  name: string
  street: string
  house_number?: string | null
  postal_code: string
  city: string
}
export const servicePoints = (id: string, option: string, postalCode?: string) =>
  queryOptions({
    queryKey: ['service-points', id, option, postalCode ?? ''],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      request<{ items: Point[] }>('GET', path(id, '/service-points'), {
        query: new URLSearchParams({
          option_id: option,
          ...(postalCode?.trim() ? { postal_code: postalCode.trim() } : {}),
        }),
        signal,
      }),
  })
export const labelHref = (id: string, parcel: number, format: 'pdf' | 'zpl') =>
  `/api/v1/admin/shipments/${encodeURIComponent(id)}/label?format=${format}&parcel=${parcel}`

/** One file with all labels of these orders, in the order of their picking list. */
export const labelsHref = (orders: readonly string[]) =>
  `/api/v1/admin/shipment-labels?${new URLSearchParams({ orders: orders.join() })}`

export const splitShipment = (
  id: string,
  lines: { line_id: string; quantity: number }[],
  warehouse: string | undefined,
  idempotencyKey: string,
) =>
  request<{ items: Shipment[] }>('POST', `/shipments/${encodeURIComponent(id)}/split`, {
    body: { lines, ...(warehouse ? { warehouse_id: warehouse } : {}) },
    idempotencyKey,
  })

export type EditWish = {
  lines: { line_id: string; quantity: number }[]
  articles?: { variant_id: string; quantity: number }[]
  shipping?: MoneyValue
  discount?: MoneyValue
  shipping_address?: Address
  billing_address?: Address
  email?: string
  delivery?: { option_id: string; service_point_id?: string }
}
export type EditPreview = {
  version: number
  total: MoneyValue
  tax: MoneyValue
  difference: MoneyValue
  due: MoneyValue
  payable: MoneyValue
  lines: {
    line_id: string
    sku: string
    name: string
    quantity: number
    unit_price: MoneyValue
    total: MoneyValue
    added: boolean
  }[]
  stock: { line_id: string; sku: string; units: number; short_by: number }[]
  parts: { payment_id: string; label: string; amount: MoneyValue }[]
  waits?: string | null
  shipments: { shipment_id: string; number: number; cancelled: boolean }[]
  delivery?: { option_id: string; method_name: string } | null
  /** Number of the invoice that is credited and issued anew. */
  invoice?: string | null
}
export const previewEdit = (id: string, version: number, wish: EditWish) =>
  request<EditPreview>('POST', path(id, '/edits/preview'), { body: { version, ...wish } })
export const editOrder = (
  id: string,
  wish: EditWish,
  seen: EditPreview,
  reason: string,
  requestPayment: boolean,
  idempotencyKey: string,
) =>
  request<OrderMoney>('POST', path(id, '/edits'), {
    body: {
      version: seen.version,
      expected_total: seen.total,
      reason,
      request_payment: requestPayment,
      ...wish,
    },
    idempotencyKey,
  })
export const cancelOrder = (id: string, version: number, reason: string, idempotencyKey: string) =>
  request<OrderMoney>('POST', path(id, '/cancel'), { body: { version, reason }, idempotencyKey })

export type Due = {
  due: MoneyValue
  processing: boolean
  cards: { id: string; brand: string; last4: string }[]
}
export const orderDue = (id: string) =>
  queryOptions({
    queryKey: ['order-due', id],
    queryFn: ({ signal }) => request<Due>('GET', path(id, '/due'), { signal }),
  })
export const sendPaymentLink = (id: string, due: MoneyValue, idempotencyKey: string) =>
  request<Due>('POST', path(id, '/due/link'), { body: { expected_due: due }, idempotencyKey })
export const chargeCard = (id: string, due: MoneyValue, card: string, idempotencyKey: string) =>
  request<{ status: string; decline?: { code: string; message: string } | null; left: Due }>(
    'POST',
    path(id, '/due/charge'),
    { body: { expected_due: due, stored_card_id: card }, idempotencyKey },
  )

export type Pick = {
  warehouse_id: string
  sku: string
  name: string
  quantity: number
  orders: { order_number: string; shipment: number; quantity: number }[]
}
export type PickingList = {
  items: Pick[]
  unplanned: string[]
  /** Orders that owe money or whose money went back. */
  money_due: string[]
}
export const pickingList = (ids: string[]) =>
  queryOptions({
    queryKey: ['picking', ids.join()],
    enabled: ids.length > 0,
    queryFn: ({ signal }) =>
      request<PickingList>('GET', '/picking-list', {
        query: new URLSearchParams({ orders: ids.join() }),
        signal,
      }),
  })

export type OrderMoney = {
  version: number
  total: MoneyValue
  captured: MoneyValue
  refunded: MoneyValue
  pending: MoneyValue
  refundable: MoneyValue
  owed: MoneyValue
  payable: MoneyValue
  due: MoneyValue
  as_credit: MoneyValue
  /** Where store credit goes as a gift card: the order has no account. */
  gift_card_to?: string | null
  written_off: MoneyValue
  shipping: MoneyValue
  shipping_left: MoneyValue
  lines: {
    line_id: string
    sku: string
    name: string
    options_text: string
    quantity: number
    shipped: number
    refunded: number
    left: MoneyValue
  }[]
  refunds: {
    id: string
    state: string
    reason: string
    staff: string
    amount: MoneyValue
    as_credit: MoneyValue
    /** What the store credit became, where the order has no account. */
    gift_card_id?: string | null
    created_at: string
  }[]
}
export const orderMoney = (id: string) =>
  queryOptions({
    queryKey: ['order-money', id],
    queryFn: ({ signal }) => request<OrderMoney>('GET', path(id, '/money'), { signal }),
  })

export type RefundWish = {
  lines: { line_id: string; quantity: number }[]
  shipping?: MoneyValue
  adjustment?: MoneyValue
  as_store_credit?: boolean
  /** Units that have not left go all the same. */
  still_sent?: boolean
}
export type RefundPreview = {
  version: number
  total: MoneyValue
  tax: MoneyValue
  settles: MoneyValue
  as_credit: MoneyValue
  gift_card_to?: string | null
  parts: { payment_id: string; label: string; amount: MoneyValue }[]
  within_limit: boolean
}
export const previewRefund = (id: string, wish: RefundWish) =>
  request<RefundPreview>('POST', path(id, '/refunds/preview'), { body: wish })
export const refund = (
  id: string,
  wish: RefundWish,
  seen: RefundPreview,
  reason: string,
  idempotencyKey: string,
) =>
  request<OrderMoney>('POST', path(id, '/refunds'), {
    body: { ...wish, expected_total: seen.total, version: seen.version, reason },
    idempotencyKey,
  })
/** What is owed to the buyer and not on its way. */
export const payOut = (
  id: string,
  { payable, version }: OrderMoney,
  asStoreCredit: boolean,
  idempotencyKey: string,
) =>
  request<OrderMoney>('POST', path(id, '/refunds/pay-out'), {
    body: { expected_total: payable, version, ...(asStoreCredit ? { as_store_credit: true } : {}) },
    idempotencyKey,
  })
