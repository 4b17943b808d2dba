import type { PaymentOutcome } from '@stoa/api-client'

export type Returned = {
  /** Of which payment the address speaks; empty where it names none. */
  attempt: string
  /** A payment page that took the money names it: until the provider lists it, nobody is asked to pay again. */
  paid: boolean
}

/** What the address says with which the bank sends the buyer back. It proves nothing: the provider is asked. */
export function returnedWith(query: URLSearchParams): Returned {
  const attempt = query.get('attempt') ?? ''
  return {
    attempt: /^pat_[a-z0-9]{1,40}$/.test(attempt) ? attempt : '',
    paid: /^[0-9]+$/.test(query.get('tx') ?? ''),
  }
}

export const isUnderWay = (status: PaymentOutcome['status'] | undefined, { paid }: Returned): boolean =>
  status === 'processing' || (paid && status === 'redirect')

const FIRST_MS = 3000
const LONGEST_MS = 20_000

/** How long to wait before the next question, each of which may ask the provider: less and less often. */
export const pauseAfter = (questions: number): number =>
  Math.min(LONGEST_MS, Math.round(FIRST_MS * 1.25 ** Math.max(0, questions - 1)))
