import type { CartCode } from '@stoa/api-client'
import type { Messages } from '@/i18n/messages'

type ReasonKey = keyof Messages['cart']['reason']

const REASONS: Record<string, ReasonKey> = {
  code_unknown: 'code_unknown',
  expired: 'expired',
  not_started: 'not_started',
  minimum_not_met: 'minimum_not_met',
  not_eligible_items: 'not_eligible_items',
  customer_limit_reached: 'customer_limit_reached',
  limit_reached: 'limit_reached',
  not_combinable: 'not_combinable',
  wrong_customer: 'wrong_customer',
}

/** Which sentence says why a code does not apply. */
export const reasonKey = (code: CartCode): ReasonKey => REASONS[code.reason?.code ?? ''] ?? 'other'
