import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkRevalidation } from './revalidation'

const secret = 'a-secret-of-the-test'
const now = Date.parse('2026-11-22T12:00:00Z')
const body = JSON.stringify({ tags: ['product:prod_1', 'listing'], mode: 'price' })
const sign = (text: string, key = secret, at = String(now / 1000)) =>
  createHmac('sha256', key).update(`${at}.${text}`).digest('hex')
const at = (seconds: number) => {
  const timestamp = String(now / 1000 + seconds)
  return { timestamp, signature: sign(body, secret, timestamp) }
}
const check = (change: Partial<Parameters<typeof checkRevalidation>[0]> = {}) =>
  checkRevalidation({ body, signature: sign(body), timestamp: String(now / 1000), secret, now, ...change })

describe('a revalidation call', () => {
  it('is taken when it is signed, recent and well formed', () => {
    expect(check()).toEqual({ ok: true, value: { tags: ['product:prod_1', 'listing'], mode: 'price' } })
    const at = '2026-11-22T11:58:00Z'
    expect(check({ timestamp: at, signature: sign(body, secret, at) }).ok).toBe(true)
  })
  it.each([
    ['no signature', { signature: null }],
    ['another key', { signature: sign(body, 'other') }],
    ['not hex', { signature: 'zz' }],
    ['cut short', { signature: sign(body).slice(0, 10) }],
    ['another body', { body: body.replace('price', 'text!') }],
    ['no secret configured', { secret: '', signature: sign(body, '') }],
    ['no time', { timestamp: null, signature: sign(body, secret, '') }],
    ['an old time', at(-301)],
    ['a time to come', at(301)],
    ['a time that was not signed', { timestamp: String(now / 1000 + 1) }],
  ])('is refused with %s', (_name, change) => {
    expect(check(change)).toMatchObject({ ok: false, status: 401 })
  })
  it.each([
    ['not JSON', 'x'],
    ['null', 'null'],
    ['no tags', '{"tags":[],"mode":"text"}'],
    ['no mode', '{"tags":["home"]}'],
    ['too many tags', JSON.stringify({ tags: Array.from({ length: 101 }, () => 'home'), mode: 'text' })],
  ])('is refused although signed: %s', (_name, wrong) => {
    expect(check({ body: wrong, signature: sign(wrong) })).toMatchObject({ ok: false, status: 400 })
  })
  it('leaves out tags that no page carries', () => {
    const strange = JSON.stringify({ tags: ['home', '/etc/passwd', 1, 'content:'], mode: 'text' })
    expect(check({ body: strange, signature: sign(strange) })).toEqual({
      ok: true,
      value: { tags: ['home'], mode: 'text' },
    })
  })
  it('is refused when it is far too long', () => {
    const long = ' '.repeat(40_000)
    expect(check({ body: long, signature: sign(long) })).toMatchObject({ ok: false, status: 413 })
  })
})
