import { describe, expect, it, vi } from 'vitest'
import { ApiError, buildUrl, createClient, NetworkError, newIdempotencyKey } from './index'

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  vi.fn<typeof fetch>(
    async () =>
      new Response(body === undefined ? null : JSON.stringify(body), {
        status,
        headers: { 'content-type': 'application/json', ...headers },
      }),
  )

describe('buildUrl', () => {
  it('fills and escapes path parameters', () => {
    expect(buildUrl('/catalog/products/{slug}', { path: { slug: 'a/b?c' } })).toBe(
      '/api/v1/catalog/products/a%2Fb%3Fc',
    )
  })
  it('leaves out members without a value and keeps zero', () => {
    expect(buildUrl('/x', { query: { a: undefined, b: null, c: 0, 'f.colour': 'oak,ash' } })).toBe(
      '/api/v1/x?c=0&f.colour=oak%2Cash',
    )
  })
  it('refuses a missing path parameter', () => {
    expect(() => buildUrl('/x/{id}', {})).toThrow(/id is missing/)
  })
})

describe('client', () => {
  it('sends method, body and idempotency key and returns the answer', async () => {
    const fetch = answer(201, { id: 'cart_1' })
    const api = createClient({ origin: 'http://api.test', credentials: 'same-origin', fetch })
    const cart = await api(
      'POST /cart/lines',
      { body: { variant_id: 'var_1', quantity: 2 } },
      { idempotencyKey: 'key-12345' },
    )
    expect(cart.id).toBe('cart_1')
    const [url, init] = fetch.mock.calls[0] ?? []
    expect(url).toBe('http://api.test/api/v1/cart/lines')
    expect(init?.method).toBe('POST')
    expect(init?.body).toBe('{"variant_id":"var_1","quantity":2}')
    expect(new Headers(init?.headers).get('idempotency-key')).toBe('key-12345')
  })
  it('turns a problem document into an ApiError that keeps code, fields and details', async () => {
    const fetch = answer(
      409,
      {
        title: 'Total changed',
        status: 409,
        code: 'checkout.total_changed',
        request_id: 'req_1',
        errors: [{ pointer: '/expected_total', code: 'changed', message: 'is 1' }],
        total: { amount: 1, currency: 'EUR' },
      },
      { 'content-type': 'application/problem+json', 'retry-after': '3' },
    )
    const error = await createClient({ fetch })('POST /checkout').catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ApiError)
    const problem = error as ApiError
    expect(problem.code).toBe('checkout.total_changed')
    expect(problem.retryAfter).toBe(3)
    expect(problem.field('/expected_total')?.message).toBe('is 1')
    expect(problem.details.total).toEqual({ amount: 1, currency: 'EUR' })
  })
  it('gives an answer without a problem document a code by its status', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response('<html>', { status: 502 }))
    await expect(createClient({ fetch })('GET /cart')).rejects.toMatchObject({
      status: 502,
      code: 'http.502',
    })
  })
  it('tells an unreachable server from a refusing one', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => {
      throw new TypeError('failed')
    })
    await expect(createClient({ fetch })('GET /cart')).rejects.toBeInstanceOf(NetworkError)
  })
  it('answers nothing for 204', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response(null, { status: 204 }))
    await expect(createClient({ fetch })('POST /account/logout')).resolves.toBeUndefined()
  })
})

it('makes keys of visible ASCII, long enough and different', () => {
  const first = newIdempotencyKey()
  expect(first).toMatch(/^[\x21-\x7e]{8,128}$/)
  expect(newIdempotencyKey()).not.toBe(first)
})
