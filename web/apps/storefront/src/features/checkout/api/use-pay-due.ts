'use client'
import { isApiError, type OrderPayment, type PaymentInput } from '@stoa/api-client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { duePaymentQuery } from '@/features/orders/api/due-payment-query'
import { api } from '@/lib/api'
import { useCheckoutStore } from '../store'
import { outcomeUnknown, untilAnswered } from './use-complete'

/** Pays what became due on an order, by the token of the link to it. */
export function usePayDue(token: string, due: OrderPayment['due']) {
  const queries = useQueryClient()
  const { keyFor, settled, forget } = useCheckoutStore.getState()
  return useMutation({
    mutationFn: (payment: PaymentInput) => {
      const body = { token, expected_due: due, payment }
      const idempotencyKey = keyFor(JSON.stringify(body))
      return untilAnswered(() => api('POST /order-payment', { body }, { idempotencyKey }))
    },
    onSuccess: (outcome) => {
      settled()
      if (outcome.status === 'completed' || outcome.status === 'processing') {
        forget()
        void queries.invalidateQueries({ queryKey: ['order'] })
        // Whoever looks next asks again; this page goes on saying what became of it.
        void queries.invalidateQueries({ queryKey: duePaymentQuery(token).queryKey, refetchType: 'none' })
      }
      if (outcome.status === 'redirect' && outcome.redirect_url) location.assign(outcome.redirect_url)
    },
    onError: (error) => {
      if (!outcomeUnknown(error)) settled()
      // Another amount, or paid in another window.
      if (isApiError(error) && error.status === 409)
        void queries.invalidateQueries({ queryKey: duePaymentQuery(token).queryKey })
    },
  })
}
