/**
 * A small stand-in for the back office's API, with state: enough to see every page and to test them. It is never shipped;
 * `npm run dev` uses it with STOA_FAKE=1, and the tests in place of the network.
 */
import type { Resource, Row } from '../src/api/types'
import { type Answer, euro, type FakeRequest, nothing, ok, problem, staff } from './fake/answers'
import { resources } from './fake/descriptions'
import { makeDesk } from './fake/desk'
import { makeRecords } from './fake/records'
import { makeSignIn } from './fake/sign-in'

/** One shop of its own for each test. `now` is the moment that its records count back from. */
export function makeFake(now: number = Date.now()) {
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString().replace(/\.\d+/, '')
  const records = makeRecords(at)
  const tables: Record<string, Row[]> = { ...records, promotions: [] }
  const signIn = makeSignIn(at)
  const desk = makeDesk(records.orders, at)
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

  function answer(request: FakeRequest): Answer {
    const found = signIn(request) ?? desk(request)
    if (found) return found
    const { method, path, query, body, ifMatch } = request
    const input = (body ?? {}) as Record<string, unknown>
    const call = `${method} ${path}`
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
