import { ApiError, NetworkError, newIdempotencyKey } from '@stoa/api-client'

export const API = '/api/v1/admin'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Call = {
  query?: string | URLSearchParams
  body?: unknown
  /** Sent as it is, in place of `body`. */
  text?: { content: string; type: string }
  /** Likewise. */
  file?: File
  /** The version that a change was made to. */
  version?: number | string
  signal?: AbortSignal
  /** Keep it while the same effect is tried again. Without one every POST has a fresh key. */
  idempotencyKey?: string
}

async function problemOf(response: Response): Promise<ApiError> {
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  let problem: object = {}
  if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) {
    // A body that breaks off says no more than the status does.
    problem = ((await response.json().catch(() => null)) as object | null) ?? {}
  }
  return new ApiError(
    { code: `http.${response.status}`, ...problem, status: response.status },
    Number.isNaN(retryAfter) ? undefined : retryAfter,
  )
}

/**
 * One call to the back office's API. What it describes at run time (resources) has no type of its own there, so the
 * caller names the type of the answer. From 400 on it throws an ApiError, without an answer a NetworkError.
 */
export async function request<T>(method: Method, path: string, call: Call = {}): Promise<T> {
  const headers = new Headers({ accept: 'application/json' })
  const init: RequestInit = { method, headers, credentials: 'same-origin' }
  if (call.signal) init.signal = call.signal
  if (call.text) {
    headers.set('content-type', call.text.type)
    init.body = call.text.content
  } else if (call.file) {
    headers.set('content-type', call.file.type || 'application/octet-stream')
    init.body = call.file
  } else if (call.body !== undefined) {
    headers.set('content-type', 'application/json')
    init.body = JSON.stringify(call.body)
  }
  if (call.version !== undefined) headers.set('if-match', `"${call.version}"`)
  if (method === 'POST') headers.set('idempotency-key', call.idempotencyKey ?? newIdempotencyKey())
  const query = call.query?.toString()
  let response: Response
  try {
    response = await fetch(`${API}${path}${query ? `?${query}` : ''}`, init)
  } catch (cause) {
    if (call.signal?.aborted) throw cause
    throw new NetworkError(cause)
  }
  if (!response.ok) throw await problemOf(response)
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined as T
  return (await response.json()) as T
}
