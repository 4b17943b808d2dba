/**
 * A small stand-in for the back office's API, with state: enough to see every page and to test them. It is never shipped;
 * `npm run dev` uses it with STOA_FAKE=1, and the tests in place of the network.
 */
import type { Resource, Row } from '../src/api/types'

type Answer = { status: number; body?: unknown }
export type FakeRequest = {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
  ifMatch: string | null
}

const staff = {
  id: 'stf_1',
  name: 'Ada Clerk',
  email: 'clerk@stoa.example',
  permissions: ['*'],
  has_totp: false,
  must_change_password: false,
}

const states = ['pending_payment', 'confirmed', 'processing', 'shipped', 'completed', 'cancelled']
const can = { create: true, update: true, delete: true, export: true, import: true }
const option = (value: string) => ({
  value,
  label: value.replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase()),
})

export const resources: Resource[] = [
  {
    name: 'orders',
    label: 'Orders',
    group: 'Orders',
    searchable: true,
    columns: [
      { name: 'number', label: 'Number', type: 'text', sortable: true },
      { name: 'customer', label: 'Customer', type: 'text' },
      { name: 'state', label: 'State', type: 'select', sortable: true },
      { name: 'payment_state', label: 'Payment', type: 'select' },
      { name: 'total', label: 'Total', type: 'money', sortable: true },
      { name: 'placed_at', label: 'Placed', type: 'datetime', sortable: true },
    ],
    filters: [
      { name: 'state', label: 'State', type: 'select', options: states.map(option) },
      { name: 'placed_at', label: 'Placed', type: 'date' },
    ],
    fields: [
      { name: 'number', label: 'Number', type: 'text', read_only: true, group: 'Order' },
      { name: 'email', label: 'Email', type: 'text', read_only: true, group: 'Buyer' },
      { name: 'customer', label: 'Name', type: 'text', read_only: true, group: 'Buyer' },
      { name: 'total', label: 'Total', type: 'money', read_only: true, group: 'Order' },
      { name: 'placed_at', label: 'Placed', type: 'datetime', read_only: true, group: 'Order' },
    ],
    inlines: [
      {
        name: 'lines',
        label: 'Lines',
        columns: [
          { name: 'sku', label: 'SKU', type: 'text' },
          { name: 'name', label: 'Name', type: 'text' },
          { name: 'quantity', label: 'Quantity', type: 'integer' },
          { name: 'total', label: 'Total', type: 'money' },
        ],
        fields: [],
      },
      {
        name: 'timeline',
        label: 'Timeline',
        columns: [
          { name: 'at', label: 'When', type: 'datetime' },
          { name: 'what', label: 'What', type: 'text' },
        ],
        fields: [],
      },
    ],
    actions: [
      {
        name: 'cancel',
        label: 'Cancel',
        confirm: 'The order is cancelled and its stock is free again.',
        danger: true,
      },
    ],
    can: { ...can, create: false, update: false, delete: false, import: false },
  },
  {
    name: 'products',
    label: 'Products',
    group: 'Products',
    searchable: true,
    columns: [
      { name: 'image', label: 'Picture', type: 'image' },
      { name: 'name', label: 'Name', type: 'text', sortable: true },
      { name: 'sku', label: 'SKU', type: 'text', sortable: true },
      { name: 'state', label: 'State', type: 'select' },
      { name: 'category', label: 'Category', type: 'reference', resource: 'categories' },
      { name: 'price', label: 'Price', type: 'money', sortable: true },
      { name: 'stock', label: 'Stock', type: 'integer', sortable: true },
      { name: 'updated_at', label: 'Changed', type: 'datetime', sortable: true },
    ],
    filters: [
      { name: 'state', label: 'State', type: 'select', options: ['published', 'draft'].map(option) },
      { name: 'featured', label: 'Featured', type: 'bool' },
      { name: 'category', label: 'Category', type: 'reference', resource: 'categories' },
      { name: 'price', label: 'Price', type: 'number' },
    ],
    fields: [
      { name: 'title', label: 'Name', type: 'translations', required: true, group: 'Texts' },
      { name: 'description', label: 'Description', type: 'translations', group: 'Texts' },
      { name: 'sku', label: 'SKU', type: 'text', required: true, group: 'Selling' },
      {
        name: 'state',
        label: 'State',
        type: 'select',
        required: true,
        options: ['published', 'draft'].map(option),
        group: 'Selling',
      },
      { name: 'price', label: 'Price', type: 'money', required: true, group: 'Selling' },
      { name: 'category', label: 'Category', type: 'reference', resource: 'categories', group: 'Selling' },
      { name: 'available_from', label: 'Available from', type: 'date', group: 'Selling' },
      {
        name: 'featured',
        label: 'Featured',
        type: 'bool',
        help: 'Shown on the home page.',
        group: 'Selling',
      },
      { name: 'tags', label: 'Tags', type: 'list', group: 'Finding' },
      { name: 'slug', label: 'Address', type: 'text', read_only: true, group: 'Finding' },
    ],
    inlines: [
      {
        name: 'variants',
        label: 'Variants',
        columns: [],
        fields: [
          { name: 'sku', label: 'SKU', type: 'text', required: true },
          {
            name: 'colour',
            label: 'Colour',
            type: 'select',
            options: ['oak', 'walnut', 'black'].map(option),
          },
          { name: 'price', label: 'Price', type: 'money' },
          { name: 'active', label: 'Sold', type: 'bool' },
        ],
      },
    ],
    actions: [
      { name: 'publish', label: 'Publish' },
      {
        name: 'change_price',
        label: 'Change the price',
        fields: [
          {
            name: 'percent',
            label: 'Percent',
            type: 'integer',
            required: true,
            help: 'Negative for a reduction.',
          },
        ],
      },
      { name: 'archive', label: 'Archive', danger: true, confirm: 'They disappear from the shop at once.' },
    ],
    can,
  },
  {
    name: 'categories',
    label: 'Categories',
    group: 'Products',
    searchable: true,
    columns: [
      { name: 'name', label: 'Name', type: 'text', sortable: true },
      { name: 'products', label: 'Products', type: 'integer' },
    ],
    filters: [],
    fields: [{ name: 'name', label: 'Name', type: 'text', required: true }],
    inlines: [],
    actions: [],
    can: { ...can, export: false, import: false },
  },
  {
    name: 'customers',
    label: 'Customers',
    group: 'Customers',
    searchable: true,
    columns: [
      { name: 'name', label: 'Name', type: 'text', sortable: true },
      { name: 'email', label: 'Email', type: 'text' },
      { name: 'verified', label: 'Verified', type: 'bool' },
      { name: 'orders', label: 'Orders', type: 'integer', sortable: true },
      { name: 'created_at', label: 'Since', type: 'date', sortable: true },
    ],
    filters: [{ name: 'verified', label: 'Verified', type: 'bool' }],
    fields: [
      { name: 'name', label: 'Name', type: 'text', required: true },
      { name: 'email', label: 'Email', type: 'text', read_only: true },
      { name: 'note', label: 'Note', type: 'longtext' },
    ],
    inlines: [],
    actions: [],
    can: { ...can, create: false, delete: false, import: false },
  },
  {
    name: 'promotions',
    label: 'Promotions',
    group: 'Marketing',
    searchable: false,
    columns: [{ name: 'name', label: 'Name', type: 'text' }],
    filters: [],
    fields: [{ name: 'name', label: 'Name', type: 'text', required: true }],
    inlines: [],
    actions: [],
    can,
  },
]

const euro = (amount: number) => ({ amount, currency: 'EUR' })
const woods = ['Oak', 'Ash', 'Walnut', 'Beech', 'Pine', 'Cherry']
const things = ['chair', 'table', 'lamp', 'shelf', 'bench', 'stool', 'sofa', 'mirror']
const names = [
  'Mira Lindqvist',
  'Tom Bakker',
  'Anna Weiß',
  'Louise Martin',
  'Jan de Vries',
  'Eva Novák',
  'Paul Schmidt',
]

/** One shop of its own for each test. `now` is the moment that its records count back from. */
export function makeFake(now: number = Date.now()) {
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString().replace(/\.\d+/, '')
  const categories: Row[] = ['Chairs', 'Tables', 'Lamps', 'Storage'].map((name, index) => ({
    id: `cat_${index + 1}`,
    version: 1,
    name,
    products: 10 + index,
  }))
  const products: Row[] = Array.from({ length: 130 }, (_, index) => {
    const name = `${woods[index % woods.length]} ${things[index % things.length]} ${index + 1}`
    const category = categories[index % categories.length]
    return {
      id: `prod_${index + 1}`,
      version: 1,
      image: null,
      name,
      title: { en: name, de: index % 3 ? `${name} (de)` : '' },
      description: { en: `A ${name.toLowerCase()} made to last.\nFinished by hand.` },
      sku: `ST-${String(1000 + index)}`,
      slug: name.toLowerCase().replace(/ /g, '-'),
      state: index % 5 ? 'published' : 'draft',
      category: { id: category?.id ?? '', label: String(category?.name), resource: 'categories' },
      price: euro(9900 + index * 1250),
      stock: (index * 7) % 90,
      featured: index % 4 === 0,
      available_from: index % 6 ? null : '2026-12-01',
      tags: ['wood', things[index % things.length] ?? ''],
      updated_at: at(index * 97),
      variants: [
        {
          id: `var_${index}a`,
          sku: `ST-${1000 + index}-O`,
          colour: 'oak',
          price: euro(9900 + index * 1250),
          active: true,
        },
        {
          id: `var_${index}b`,
          sku: `ST-${1000 + index}-W`,
          colour: 'walnut',
          price: euro(11900 + index * 1250),
          active: index % 2 === 0,
        },
      ],
    }
  })
  const orders: Row[] = Array.from({ length: 75 }, (_, index) => ({
    id: `ord_${index + 1}`,
    version: 1,
    number: `ST-${20450 - index}`,
    customer: names[index % names.length] ?? '',
    email: `${(names[index % names.length] ?? '').split(' ')[0]?.toLowerCase()}@example.com`,
    state: states[index % states.length] ?? 'confirmed',
    payment_state: index % states.length === 0 ? 'pending' : 'paid',
    total: euro(4900 + ((index * 7919) % 160000)),
    placed_at: at(12 + index * index * 3),
    lines: [
      { id: `line_${index}a`, sku: 'ST-1000-O', name: 'Oak chair 1, oak', quantity: 2, total: euro(19800) },
      { id: `line_${index}b`, sku: 'ST-1012-W', name: 'Oak lamp 3, walnut', quantity: 1, total: euro(12400) },
    ],
    timeline: [
      { id: '2', at: at(10 + index * index * 3), what: 'The payment was confirmed' },
      { id: '1', at: at(12 + index * index * 3), what: 'The order was placed' },
    ],
  }))
  const customers: Row[] = names.map((name, index) => ({
    id: `cus_${index + 1}`,
    version: 1,
    name,
    email: `${name.split(' ')[0]?.toLowerCase()}@example.com`,
    verified: index % 3 !== 0,
    orders: index * 2,
    created_at: `2026-03-0${index + 1}`,
    note: '',
  }))
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
    refunds,
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
  const tables: Record<string, Row[]> = { orders, products, categories, customers, promotions: [] }
  const log: {
    resource: string
    id: string
    at: string
    action: string
    staff_name: string
    before: unknown
    after: unknown
  }[] = []
  let views: { id: string; resource: string; name: string; query: string }[] = [
    { id: 'view_1', resource: 'products', name: 'Drafts', query: 'filter[state]=draft' },
  ]
  let signedIn = true
  let secondFactor = false
  let totp = { enabled: false, recovery_codes_left: 0 }
  let passkeys = [
    { id: 'pky_1', name: 'Phone', created_at: at(43200), last_used_at: at(60), backed_up: true },
  ]
  let sessions = [
    { id: 'sses_1', current: true, user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36' },
    {
      id: 'sses_2',
      current: false,
      user_agent: 'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Safari/605.1',
    },
  ].map((entry) => ({
    ...entry,
    staff_id: staff.id,
    name: staff.name,
    email: staff.email,
    ip: '192.0.2.7',
    created_at: at(9000),
    last_seen_at: at(entry.current ? 0 : 600),
  }))
  let jobs = [
    {
      id: 1,
      kind: 'messaging.send_mail',
      attempts: 8,
      last_error: 'SMTP 451: greylisted, try again later',
      died_at: at(42),
    },
    {
      id: 2,
      kind: 'search.index_product',
      attempts: 5,
      last_error: 'timeout after 30 s',
      died_at: at(400),
    },
  ]
  let nextId = 1000

  const problem = (status: number, code: string, more: object = {}): Answer => ({
    status,
    body: { type: `urn:stoa:problem:${code}`, title: code, status, code, request_id: 'req_fake', ...more },
  })
  const ok = (body: unknown): Answer => ({ status: 200, body })
  const nothing: Answer = { status: 204 }
  const plain = (value: unknown): string =>
    typeof value === 'object' && value !== null
      ? 'amount' in value
        ? String((value as { amount: number }).amount).padStart(12, '0')
        : String((value as { id?: string; en?: string }).id ?? (value as { en?: string }).en ?? '')
      : typeof value === 'number'
        ? String(value).padStart(12, '0')
        : String(value ?? '')

  function list(name: string, query: URLSearchParams): Answer {
    let found = tables[name] ?? []
    const q = (query.get('q') ?? '').toLowerCase()
    if (q) found = found.filter((row) => JSON.stringify(row).toLowerCase().includes(q))
    for (const [key, value] of query) {
      const filter = /^filter\[(.+)\]$/.exec(key)?.[1]
      if (filter) found = found.filter((row) => value.split(',').includes(plain(row[filter])))
    }
    const sort = query.get('sort')
    if (sort) {
      const by = sort.replace('-', '')
      found = [...found].sort(
        (a, b) => plain(a[by]).localeCompare(plain(b[by])) * (sort.startsWith('-') ? -1 : 1),
      )
    }
    const from = Number(query.get('cursor') ?? 0)
    const limit = Number(query.get('limit') ?? 50)
    return ok({
      rows: found.slice(from, from + limit),
      next_cursor: from + limit < found.length ? String(from + limit) : null,
      total: found.length,
      total_is_capped: false,
    })
  }

  function check(resource: Resource, body: Record<string, unknown>) {
    const errors: { pointer: string; code: string; message: string }[] = []
    for (const field of resource.fields) {
      const value = body[field.name]
      if (
        typeof value === 'object' &&
        value !== null &&
        'amount' in value &&
        (value as { amount: number }).amount < 0
      )
        errors.push({ pointer: `/${field.name}/amount`, code: 'range', message: 'must not be negative' })
      if (field.name === 'sku' && value === 'TAKEN')
        errors.push({ pointer: '/sku', code: 'taken', message: 'is that of another product' })
    }
    return errors
  }

  function change(resource: Resource, row: Row, body: Record<string, unknown>): void {
    const touched = Object.keys(body)
    log.unshift({
      resource: resource.name,
      id: row.id,
      at: at(0),
      action: 'update',
      staff_name: staff.name,
      before: Object.fromEntries(touched.map((name) => [name, row[name] ?? null])),
      after: body,
    })
    for (const name of touched) {
      const field = resource.fields.find((entry) => entry.name === name)
      const target =
        field?.type === 'reference'
          ? (tables[field.resource ?? ''] ?? []).find((entry) => entry.id === body[name])
          : undefined
      row[name] = target
        ? { id: target.id, label: String(target.name), resource: field?.resource ?? '' }
        : body[name]
      if (Array.isArray(row[name]))
        row[name] = (row[name] as unknown[]).map((entry) =>
          typeof entry === 'object' && entry !== null && !('id' in entry)
            ? { id: `new_${nextId++}`, ...entry }
            : entry,
        )
    }
    const title = row.title as Record<string, string> | undefined
    if (title?.en) row.name = title.en
    row.version = Number(row.version) + 1
  }

  /** Somebody else changes a record, in another browser. */
  function elsewhere(name: string, id: string, body: Record<string, unknown>) {
    const resource = resources.find((entry) => entry.name === name)
    const row = tables[name]?.find((entry) => entry.id === id)
    if (resource && row) change(resource, row, body)
  }

  function answer({ method, path, query, body, ifMatch }: FakeRequest): Answer {
    const input = (body ?? {}) as Record<string, unknown>
    const call = `${method} ${path}`
    if (call === 'POST /session') {
      if (input.password !== 'secret') return problem(401, 'staff.invalid_credentials')
      if (input.email === 'two@stoa.example') {
        secondFactor = true
        return ok({ status: 'second_factor', methods: ['totp'] })
      }
      signedIn = true
      return ok({ status: 'signed_in', staff })
    }
    if (call === 'POST /session/totp') {
      if (!secondFactor) return problem(401, 'staff.login_required')
      if (input.code !== '123456')
        return problem(422, 'staff.invalid_code', {
          errors: [{ pointer: '/code', code: 'wrong', message: 'is wrong' }],
        })
      signedIn = true
      return ok({ status: 'signed_in', staff })
    }
    if (call === 'DELETE /session') {
      signedIn = false
      return nothing
    }
    if (!signedIn) return problem(401, 'staff.login_required')
    if (call === 'GET /session') return ok({ status: 'signed_in', staff })
    if (call === 'GET /sessions') return ok({ sessions })
    if (method === 'DELETE' && path.startsWith('/sessions/')) {
      sessions = sessions.filter((entry) => `/sessions/${entry.id}` !== path)
      return nothing
    }
    if (call === 'GET /me/passkeys') return ok({ passkeys })
    if (method === 'DELETE' && path.startsWith('/me/passkeys/')) {
      passkeys = passkeys.filter((entry) => `/me/passkeys/${entry.id}` !== path)
      return nothing
    }
    if (call === 'GET /me/totp') return ok(totp)
    if (call === 'POST /me/totp')
      return input.password === 'secret'
        ? ok({
            secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
            otpauth_uri: 'otpauth://totp/Stoa:clerk?secret=JBSWY3DPEHPK3PXP',
          })
        : problem(401, 'staff.invalid_credentials')
    if (call === 'POST /me/totp/confirm') {
      if (input.code !== '123456') return problem(422, 'staff.invalid_code')
      totp = { enabled: true, recovery_codes_left: 10 }
      return ok({ recovery_codes: Array.from({ length: 10 }, (_, index) => `abcd-${1000 + index}`) })
    }
    if (call === 'DELETE /me/totp') {
      totp = { enabled: false, recovery_codes_left: 0 }
      return nothing
    }
    if (call === 'PUT /me/password')
      return input.current === 'secret' ? nothing : problem(401, 'staff.invalid_credentials')
    if (call === 'GET /resources') return ok({ resources })
    if (call === 'GET /views') return ok({ views })
    if (call === 'POST /views') {
      const made = {
        id: `view_${nextId++}`,
        resource: String(input.resource),
        name: String(input.name),
        query: String(input.query),
      }
      views = [...views.filter((view) => view.resource !== made.resource || view.name !== made.name), made]
      return { status: 201, body: made }
    }
    if (method === 'DELETE' && path.startsWith('/views/')) {
      views = views.filter((view) => `/views/${view.id}` !== path)
      return nothing
    }
    if (call === 'GET /search') {
      const q = (query.get('q') ?? '').toLowerCase()
      const found = (['orders', 'customers', 'products'] as const).flatMap((resource) =>
        (tables[resource] ?? [])
          .map((row) => ({
            resource,
            id: row.id,
            label: String(resource === 'orders' ? row.number : row.name),
            detail: String(resource === 'orders' ? row.customer : (row.sku ?? row.email)),
          }))
          .filter((entry) => `${entry.label} ${entry.detail}`.toLowerCase().includes(q))
          .slice(0, 5),
      )
      return ok({ results: found })
    }
    if (call === 'GET /home')
      return ok({
        figures: [
          { name: 'sales', label: 'Sold today', money: euro(1284350), link: '' },
          { name: 'orders', label: 'Orders today', value: 37, link: 'orders' },
          { name: 'prepare', label: 'Orders to prepare', value: 14, link: 'orders?filter[state]=confirmed' },
          {
            name: 'drafts',
            label: 'Products not published',
            value: 26,
            link: 'products?filter[state]=draft',
          },
          { name: 'jobs', label: 'Failed jobs', value: 2, link: 'jobs' },
        ],
      })
    if (call === 'GET /jobs') return ok({ jobs })
    if (method === 'POST' && /^\/jobs\/[^/]+\/replay$/.test(path)) {
      jobs = jobs.filter((job) => path !== `/jobs/${job.id}/replay`)
      return nothing
    }
    if (call === 'GET /audit')
      return ok({
        entries: log.map((entry, index) => ({
          ...entry,
          number: log.length - index,
          object_id: entry.id,
          ip: '192.0.2.7',
        })),
        next_cursor: null,
      })

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
      })
    }
    if (call === 'POST /shipments/announce') {
      const wanted = input.shipment_ids as string[]
      for (const list of Object.values(shipments))
        for (const shipment of list)
          if (wanted.includes(String(shipment.id))) {
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
      return ok({ items: wanted.map((id) => ({ shipment_id: id, labelled: true })) })
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
        return { status: 201, body: { items: notes[row.id] } }
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
        })
      if (rest === '/shipments') {
        const made = {
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
        shipments[row.id] = [...(shipments[row.id] ?? []), made]
        return { status: 201, body: { items: [made] } }
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
        return { status: 201, body: moneyOf(row) }
      }
    }

    const match = /^\/resources\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(path)
    const name = decodeURIComponent(match?.[1] ?? '')
    const resource = resources.find((entry) => entry.name === name)
    const table = tables[name]
    if (!match || !resource || !table) return problem(404, 'http.not_found')
    const id = match[2] ? decodeURIComponent(match[2]) : undefined
    const part = match[3]
    if (id === undefined) {
      if (method === 'GET') return list(name, query)
      const errors = check(resource, input)
      if (errors.length) return problem(422, 'http.invalid', { errors })
      const made: Row = { id: `${name}_${nextId++}`, version: 1, ...input }
      const title = made.title as Record<string, string> | undefined
      if (title?.en) made.name = title.en
      table.unshift(made)
      log.unshift({
        resource: name,
        id: made.id,
        at: at(0),
        action: 'create',
        staff_name: staff.name,
        before: null,
        after: input,
      })
      return { status: 201, body: made }
    }
    if (id === 'import' && method === 'POST') {
      const lines = String(body).trim().split('\n').slice(1)
      const errors = lines.flatMap((line, index) =>
        line.includes('x') ? [{ row: index + 2, field: 'price', message: `“${line}” is no price` }] : [],
      )
      return ok({ rows: lines.length, created: 1, updated: lines.length - 1, unchanged: 0, errors })
    }
    if (id === 'actions' && method === 'POST') {
      const ids = input.ids as string[]
      if (ids.includes('prod_2'))
        return problem(409, 'admin.row_in_use', { detail: 'Ash table 2 is in an open order.' })
      return ok({ changed: ids.length, message: '' })
    }
    const row = table.find((entry) => entry.id === id)
    if (!row) return problem(404, 'http.not_found')
    if (part === 'history')
      return ok({ entries: log.filter((entry) => entry.resource === name && entry.id === id) })
    if (method === 'GET') return ok(row)
    if (ifMatch !== `"${row.version}"`)
      return problem(409, 'admin.stale', {
        detail: 'Somebody else changed it.',
        current: structuredClone(row),
      })
    if (method === 'DELETE') {
      table.splice(table.indexOf(row), 1)
      return nothing
    }
    const errors = check(resource, input)
    if (errors.length) return problem(422, 'http.invalid', { errors })
    change(resource, row, input)
    return ok(row)
  }

  /** In place of the browser's fetch. */
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const parsed = new URL(String(url), 'http://office')
    const headers = new Headers(init?.headers)
    const text = typeof init?.body === 'string' ? init.body : ''
    const found = answer({
      method: init?.method ?? 'GET',
      path: parsed.pathname.replace('/api/v1/admin', ''),
      query: parsed.searchParams,
      body: headers.get('content-type') === 'application/json' ? JSON.parse(text) : text,
      ifMatch: headers.get('if-match'),
    })
    return new Response(found.body === undefined ? null : JSON.stringify(found.body), {
      status: found.status,
      headers: { 'content-type': found.status >= 400 ? 'application/problem+json' : 'application/json' },
    })
  }
  return { answer, fetch, elsewhere, tables }
}
