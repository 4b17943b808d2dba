import { ApiError, NetworkError } from './error'
import type { InputOf, ResponseOf, RouteKey } from './routes'
import type { Problem } from './types'

export type ClientOptions = {
  /** Origin of the API; empty in the browser, where it is the page's own. */
  origin?: string
  credentials?: RequestCredentials
  fetch?: typeof fetch
  headers?: HeadersInit
}

export type CallOptions = {
  signal?: AbortSignal
  /** 8 to 128 visible ASCII characters. The same key with the same body has one effect, however often it is sent. */
  idempotencyKey?: string
  headers?: HeadersInit
  cache?: RequestCache
}

export type Client = <K extends RouteKey>(
  route: K,
  ...args: Record<string, never> extends InputOf<K>
    ? [input?: InputOf<K>, options?: CallOptions]
    : [input: InputOf<K>, options?: CallOptions]
) => Promise<ResponseOf<K>>

type AnyInput = { path?: Record<string, string>; query?: Record<string, unknown>; body?: unknown }

/** Fills a path template and appends the query; leaves out members that are undefined or null. Exported for tests. */
export function buildUrl(template: string, input: AnyInput): string {
  const path = template.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = input.path?.[name]
    if (value === undefined) throw new Error(`Path parameter ${name} is missing for ${template}`)
    return encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null) query.append(name, String(value))
  }
  const text = query.toString()
  return `/api/v1${path}${text ? `?${text}` : ''}`
}

async function problemOf(response: Response): Promise<ApiError> {
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  let problem: Partial<Problem> = {}
  if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) {
    try {
      problem = (await response.json()) as Problem
    } catch {
      // A body that breaks off says no more than the status does.
    }
  }
  return new ApiError(
    { ...problem, status: response.status, code: problem.code ?? `http.${response.status}` },
    Number.isNaN(retryAfter) ? undefined : retryAfter,
  )
}

export function createClient(options: ClientOptions = {}): Client {
  const call = async (
    route: RouteKey,
    input: AnyInput = {},
    callOptions: CallOptions = {},
  ): Promise<unknown> => {
    const space = route.indexOf(' ')
    const method = route.slice(0, space)
    const headers = new Headers(options.headers)
    headers.set('accept', 'application/json')
    if (callOptions.idempotencyKey) headers.set('idempotency-key', callOptions.idempotencyKey)
    if (callOptions.headers)
      for (const [name, value] of new Headers(callOptions.headers)) headers.set(name, value)
    const init: RequestInit = { method, headers }
    if (options.credentials) init.credentials = options.credentials
    if (callOptions.signal) init.signal = callOptions.signal
    if (callOptions.cache) init.cache = callOptions.cache
    if (input.body !== undefined) {
      headers.set('content-type', 'application/json')
      init.body = JSON.stringify(input.body)
    }
    let response: Response
    try {
      response = await (options.fetch ?? fetch)(
        `${options.origin ?? ''}${buildUrl(route.slice(space + 1), input)}`,
        init,
      )
    } catch (cause) {
      if (callOptions.signal?.aborted) throw cause
      throw new NetworkError(cause)
    }
    if (!response.ok) throw await problemOf(response)
    if (response.status === 204 || response.headers.get('content-length') === '0') return undefined
    return response.json()
  }
  return call as unknown as Client
}

/** A fresh key for one intended effect. Keep it while retrying that effect; take a new one for the next. */
export function newIdempotencyKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
