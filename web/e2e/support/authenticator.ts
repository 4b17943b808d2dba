import { createHmac } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function fromBase32(text: string): Buffer {
  const bits = [...text.replace(/\s/g, '')].map((letter) =>
    ALPHABET.indexOf(letter).toString(2).padStart(5, '0'),
  )
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** RFC 6238: six digits of SHA-1, steps of 30 seconds. */
export function codeOf(key: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', fromBase32(key)).update(counter).digest()
  const at = (hash.at(-1) ?? 0) & 15
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** An authenticator app that is one step ahead where its last code was of now: a server takes no code twice. */
export class Authenticator {
  private last = 0
  constructor(readonly key: string) {}

  next(): string {
    this.last = Math.max(this.last + 1, Math.floor(Date.now() / 30_000))
    return codeOf(this.key, this.last)
  }
  /** Of none of the steps around now. */
  wrong(): string {
    const now = Math.floor(Date.now() / 30_000)
    const near = [-2, -1, 0, 1, 2].map((drift) => codeOf(this.key, now + drift))
    let code = 123_456
    while (near.includes(String(code))) code++
    return String(code)
  }
}
