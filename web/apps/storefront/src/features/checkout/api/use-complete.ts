'use client'
import {
  ApiError,
  type Checkout,
  NetworkError,
  type PaymentInput,
  type PaymentOutcome,
} from '@stoa/api-client'
import { useMutation } from '@tanstack/react-query'
import { api } from '@/lib/api'
import { useCheckoutStore } from '../store'

const TWIN = 'http.idempotency_in_progress'
const MOST_WAITS = 30

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** Is it unknown whether the call had its effect? Then its key is kept, and pressing again is the same press. */
export const outcomeUnknown = (error: unknown): boolean =>
  error instanceof NetworkError ||
  (error instanceof ApiError && (error.status >= 500 || error.status === 429 || error.code === TWIN))

type Order = { checkout: Checkout; payment: PaymentInput }

/** Sends once for each press, however often the call has to be repeated, and waits for a twin that is under way. */
export async function untilAnswered(send: () => Promise<PaymentOutcome>): Promise<PaymentOutcome> {
  for (let waits = 0; ; waits++) {
    try {
      return await send()
    } catch (error) {
      // The same press is already being worked on: wait for its answer.
      if (!(error instanceof ApiError && error.code === TWIN) || waits >= MOST_WAITS) throw error
      await pause(error.retryAfter ?? 1)
    }
  }
}

export function useComplete() {
  const keyFor = useCheckoutStore((store) => store.keyFor)
  const settled = useCheckoutStore((store) => store.settled)
  return useMutation({
    mutationFn: async ({ checkout, payment }: Order): Promise<PaymentOutcome> => {
      const body = {
        expected_total: checkout.totals.total,
        expected_due: checkout.due,
        terms_accepted: true as const,
        payment,
      }
      const idempotencyKey = keyFor(JSON.stringify([checkout.id, body]))
      return untilAnswered(() => api('POST /checkout/complete', { body }, { idempotencyKey }))
    },
    onSuccess: settled,
    onError: (error) => {
      if (!outcomeUnknown(error)) settled()
    },
  })
}
