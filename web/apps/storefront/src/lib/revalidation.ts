import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { isKnownTag } from '@/config/cache'

const MOST_TAGS = 100
const MOST_BYTES = 32 * 1024
/** A notification counts for this long. */
const WINDOW_SECONDS = 300

export type Revalidation = { tags: string[]; mode: 'text' | 'price' }
export type Checked =
  | { ok: true; value: Revalidation }
  | { ok: false; status: 400 | 401 | 413; reason: string }

function sameHex(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex')
  const right = Buffer.from(b, 'hex')
  return left.length === right.length && left.length > 0 && timingSafeEqual(left, right)
}

/** Seconds since 1970, or an ISO time. */
function parseTime(text: string): number {
  return /^\d{9,11}$/.test(text) ? Number.parseInt(text, 10) * 1000 : Date.parse(text)
}

/**
 * The signature is of "timestamp.body", so that a recorded notification cannot be played again next week under a new time.
 * Is this body from our own backend, recent, and well formed? Tags that no page carries are left out: they come from a
 * backend newer than this storefront, and must not hold up the others.
 */
export function checkRevalidation(input: {
  body: string
  signature: string | null
  timestamp: string | null
  secret: string
  now: number
}): Checked {
  const { body, signature, timestamp, secret, now } = input
  if (body.length > MOST_BYTES) return { ok: false, status: 413, reason: 'body too large' }
  if (!secret) return { ok: false, status: 401, reason: 'no secret is configured' }
  const expected = createHmac('sha256', secret)
    .update(`${timestamp ?? ''}.${body}`, 'utf8')
    .digest('hex')
  if (!signature || !sameHex(signature, expected)) return { ok: false, status: 401, reason: 'bad signature' }
  const sent = parseTime(timestamp ?? '')
  if (Number.isNaN(sent) || Math.abs(now - sent) > WINDOW_SECONDS * 1000) {
    return { ok: false, status: 401, reason: 'bad timestamp' }
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return { ok: false, status: 400, reason: 'not JSON' }
  }
  if (typeof parsed !== 'object' || parsed === null)
    return { ok: false, status: 400, reason: 'not an object' }
  const { tags, mode } = parsed as { tags?: unknown; mode?: unknown }
  if (!Array.isArray(tags) || tags.length === 0 || tags.length > MOST_TAGS) {
    return { ok: false, status: 400, reason: `tags must be a list of 1 to ${MOST_TAGS}` }
  }
  if (mode !== 'text' && mode !== 'price')
    return { ok: false, status: 400, reason: 'mode must be text or price' }
  return { ok: true, value: { tags: tags.filter(isKnownTag), mode } }
}
