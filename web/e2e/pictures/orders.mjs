// A day's orders for the pictures of the back office: people of several countries, parcels and money in several states.
import { randomUUID } from 'node:crypto'

const origin = process.env.BASE_URL ?? 'http://localhost:8000'
const sandbox = process.env.SANDBOX_URL ?? 'http://127.0.0.1:8003'
const DELIVERED = 11

/** A browser without a window: it keeps its cookies. */
function browser(below = '/api/v1') {
  const cookies = new Map()
  return async (method, path, body) => {
    const answer = await fetch(`${origin}${below}${path}`, {
      method,
      headers: {
        origin,
        'idempotency-key': randomUUID(),
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined || body instanceof FormData ? body : JSON.stringify(body),
    })
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (name) cookies.set(name, value)
    }
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    const text = await answer.text()
    return text ? JSON.parse(text) : undefined
  }
}

const person = (name, line1, postal_code, city, country = 'DE') => ({
  name,
  line1,
  postal_code,
  city,
  country,
})
const PEOPLE = [
  person('Mira Lindqvist', 'Torstraße 140', '10119', 'Berlin'),
  person('Jonas Krämer', 'Lindenstraße 12', '50674', 'Köln'),
  person('Ada Verhoeven', 'Damrak 70', '1012 LM', 'Amsterdam', 'NL'),
  person('Lucie Moreau', 'Rue de Rivoli 24', '75004', 'Paris', 'FR'),
  person('Anton Weiß', 'Schillerstraße 3', '80336', 'München'),
  person('Nora Peeters', 'Meir 51', '2000', 'Antwerpen', 'BE'),
  person('Theo Brandl', 'Mariahilfer Straße 8', '1070', 'Wien', 'AT'),
  person('Sanne de Boer', 'Witte de Withstraat 9', '3012 BN', 'Rotterdam', 'NL'),
  person('Clara Hofmann', 'Königstraße 27', '70173', 'Stuttgart'),
  person('Émile Laurent', 'Quai Saint-Antoine 5', '69002', 'Lyon', 'FR'),
  person('Frieda Petersen', 'Jungfernstieg 16', '20354', 'Hamburg'),
  person('Bram Jacobs', 'Oudegracht 112', '3511 AW', 'Utrecht', 'NL'),
  person('Helene Graf', 'Getreidegasse 30', '5020', 'Salzburg', 'AT'),
  person('Paul Schneider', 'Zeil 90', '60313', 'Frankfurt'),
]
const BASKETS = [
  [
    ['isar-chair', 'ISA-CHA-WAL', 4],
    ['enns-side-table', 'ENN-SID-TAB-OAK', 1],
  ],
  [['enns-side-table', 'ENN-SID-TAB-BLA', 1]],
  [
    ['nahe-table-lamp', 'NAH-TAB-LAM-BRA', 1],
    ['kupa-paper-lamp', 'KUP-LAN', 2],
  ],
  [['esk-bar-stool', 'ESK-BAR-STO-BLA', 3]],
  [['kupa-paper-lamp', 'KUP-LAN', 4]],
  [['nid-stacking-box', 'NID-STO-BOX-GRY', 6]],
  [
    ['isar-chair', 'ISA-CHA-OAK', 2],
    ['glan-crate', 'GLA-CRA', 1],
  ],
  [['una-wall-lamp', 'UNA-WAL-LAM-STE', 2]],
]

async function buy({ name, line1, postal_code, city, country }, basket) {
  const call = browser()
  const [first_name, ...rest] = name.split(' ')
  for (const [slug, sku, quantity] of basket) {
    const { variants } = await call('GET', `/catalog/products/${slug}?locale=en`)
    const variant = variants.find((one) => one.sku === sku)
    await call('POST', '/cart/lines', { variant_id: variant.id, quantity })
  }
  await call('POST', '/checkout')
  const plain = name
    .replace('ß', 'ss')
    .normalize('NFD')
    .replace(/[^A-Za-z ]/g, '')
  await call('PUT', '/checkout/contact', {
    email: `${plain.toLowerCase().replace(/ /g, '.')}@example.com`,
    phone: '+49 30 5550140',
  })
  const shipping = { first_name, last_name: rest.join(' '), line1, postal_code, city, country }
  await call('PUT', '/checkout/address', { shipping })
  const { totals } = await call('PUT', '/checkout/shipping', { option_id: 'own:standard' })
  const card = {
    number: '4111111111111111',
    expiry_month: '05',
    expiry_year: '2031',
    cvv: '123',
    holder: plain.toUpperCase(),
  }
  const done = await call('POST', '/checkout/complete', {
    expected_total: totals.total,
    terms_accepted: true,
    payment: { method: 'card', card },
  })
  return { number: done.order_number, token: done.order_token, call }
}

async function until(what, look) {
  const end = Date.now() + 120_000
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > end) throw new Error(`${what} did not come`)
    await new Promise((go) => setTimeout(go, 500))
  }
}

/** Makes the orders, unless they are there. Returns their numbers by what is to be seen of them. */
export async function makeOrders() {
  const staff = browser('/api/v1/admin')
  await staff('POST', '/session', { email: 'admin@stoa.example', password: 'a key for every door' })
  const desk = async (number) => {
    const { items } = await staff('GET', `/orders?q=${number}`)
    return staff('GET', `/orders/${items.find((item) => item.number === number).id}`)
  }
  const { items: there } = await staff('GET', '/orders?tag=pictures')
  if (there.length) return

  const bought = []
  for (const [at, who] of PEOPLE.entries()) bought.push(await buy(who, BASKETS[at % BASKETS.length]))
  const orders = []
  for (const { number } of bought) orders.push(await desk(number))
  const id = (at) => orders[at].order.id

  const ship = async (at, told) => {
    const { items } = await staff('POST', `/orders/${id(at)}/shipments`, { shipments: [] })
    await staff('POST', '/shipments/announce', { shipment_ids: items.map((one) => one.id) })
    if (!told.length) return
    for (const one of items) await staff('POST', `/shipments/${one.id}/hand-over`)
    const parcels = (await (await fetch(`${sandbox}/__sandbox/sendcloud/parcels`)).json()).items
    for (const parcel of parcels.filter((one) => one.order_number === orders[at].order.number))
      for (const status of told)
        await fetch(`${sandbox}/__sandbox/parcels/${parcel.id}/status`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ id: status }),
        })
  }
  const delivered = (at) =>
    until('the delivery', async () => (await desk(orders[at].order.number)).order.state === 'delivered')

  // Two on their way, three delivered; of one a part is refunded, of one a line comes back.
  await ship(0, [22, DELIVERED])
  await ship(1, [22, 91])
  await ship(2, [22, DELIVERED])
  await ship(3, [22])
  await ship(4, [22, DELIVERED])
  await ship(5, [])
  for (const at of [0, 2, 4]) await delivered(at)

  await refundOne(staff, orders[0].order)
  await askForReturn(bought[2], orders[2].order)
  await staff('POST', `/orders/${id(0)}/notes`, {
    body: 'One chair has a scratch on its back. She keeps it and gets its price back.',
  })
  await staff('PUT', `/orders/${id(0)}/tags`, { tags: ['pictures', 'goodwill'] })
  await staff('PUT', `/orders/${id(6)}/tags`, { tags: ['gift'] })
  await staff('PUT', `/orders/${id(9)}/tags`, { tags: ['call first'] })
  await moreDue(staff, orders[7].order)
}

async function refundOne(staff, order) {
  const wish = { lines: [{ line_id: order.lines[0].id, quantity: 1 }] }
  const seen = await staff('POST', `/orders/${order.id}/refunds/preview`, wish)
  await staff('POST', `/orders/${order.id}/refunds`, {
    ...wish,
    expected_total: seen.total,
    version: seen.version,
    reason: 'A scratch on the back.',
  })
}

/** With a photo, as buyers do. */
async function askForReturn({ number, token, call }, order) {
  const query = `?token=${encodeURIComponent(token)}`
  const line = order.lines[0]
  const { media } = await call('GET', '/catalog/products/nahe-table-lamp?locale=en')
  const source = media[0].src.replace('{w}', '640')
  const picture = await fetch(new URL(source, origin))
  const form = new FormData()
  form.append('photo', new Blob([await picture.arrayBuffer()], { type: 'image/webp' }), 'lamp.webp')
  const photos = (await call('POST', `/orders/${number}/return-photos${query}`, form)).ids
  await call('POST', `/orders/${number}/returns${query}`, {
    comment: 'The shade came with a dent. I have kept the box.',
    lines: [{ line_id: line.id, quantity: 1, reason: 'damaged' }],
    photos,
  })
}

/** One more is wanted, and not paid yet. */
async function moreDue(staff, order) {
  const { version } = await staff('GET', `/orders/${order.id}/money`)
  const lines = [{ line_id: order.lines[0].id, quantity: order.lines[0].quantity + 1 }]
  const seen = await staff('POST', `/orders/${order.id}/edits/preview`, { version, lines })
  await staff('POST', `/orders/${order.id}/edits`, {
    version,
    lines,
    expected_total: seen.total,
    reason: 'Wanted one more, by telephone.',
    request_payment: true,
  })
}
