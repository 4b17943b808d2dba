import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, expect, it, vi } from 'vitest'
import { quietClient, startFake, textOf } from '../test/render'
import { request } from './api/request'
import { session } from './api/session'
import { App } from './app'
import { may } from './lib/permissions'
import { memoryHistory } from './lib/router'

afterEach(() => vi.unstubAllGlobals())

const page = async (href = '/') => {
  const client = quietClient()
  await client.prefetchQuery(session)
  return textOf(renderToStaticMarkup(<App client={client} history={memoryHistory(href)} />))
}

it('shows nothing but the sign-in page to whoever is not signed in', async () => {
  startFake()
  await request('DELETE', '/session')
  const text = await page('/orders')
  expect(text).toContain('Sign in to the back office')
  expect(text).not.toContain('Order desk')
})

it('goes on with the second factor after the page was loaded again', async () => {
  vi.stubGlobal('fetch', (async () =>
    Response.json({ status: 'second_factor', methods: ['totp'] })) as typeof fetch)
  expect(await page()).toContain('Enter the six digits')
})

it('wants a password of one’s own before anything else', async () => {
  vi.stubGlobal('fetch', (async () =>
    Response.json({
      status: 'signed_in',
      staff: { id: 's', name: 'Ada', email: 'a@x', permissions: ['*'], must_change_password: true },
    })) as typeof fetch)
  expect(await page()).toContain('Choose a password of your own')
})

it('does not take an unreachable server for being signed out', async () => {
  vi.stubGlobal('fetch', (async () => {
    throw new TypeError('failed')
  }) as typeof fetch)
  const text = await page()
  expect(text).toContain('The back office does not answer')
  expect(text).not.toContain('Sign in')
})

it('sends the version of a change and a key of a new thing', async () => {
  const calls: [string, Headers][] = []
  vi.stubGlobal('fetch', (async (url, init) => {
    calls.push([String(url), new Headers(init?.headers)])
    return new Response(null, { status: 204 })
  }) as typeof fetch)
  await request('PATCH', '/resources/x/1', { body: {}, version: 7 })
  await request('POST', '/resources/x', { body: {} })
  expect(calls[0]?.[1].get('if-match')).toBe('"7"')
  expect(calls[0]?.[1].get('idempotency-key')).toBeNull()
  expect(calls[1]?.[1].get('idempotency-key')).toMatch(/^[\x21-\x7e]{8,128}$/)
})

it('knows what a permission covers', () => {
  expect(may(['*'], 'orders.refund')).toBe(true)
  expect(may(['orders.*'], 'orders.refund')).toBe(true)
  expect(may(['orders.*'], 'orders_archive.read')).toBe(false)
  expect(may(['orders.read'], 'orders.refund')).toBe(false)
})
