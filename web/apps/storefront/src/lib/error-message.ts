import { ApiError, NetworkError } from '@stoa/api-client'
import type { Messages } from '@/i18n/messages'

/** Which sentence a problem is told with. Every code the shop can meet is in this one table. */
const KEYS: Record<string, keyof Messages['errors']> = {
  'cart.out_of_stock': 'outOfStock',
  'cart.insufficient_stock': 'insufficientStock',
  'cart.variant_unavailable': 'unavailable',
  'cart.variant_not_found': 'unavailable',
}

export function errorKey(error: unknown): keyof Messages['errors'] {
  if (error instanceof NetworkError) return 'unreachable'
  if (error instanceof ApiError) {
    const known = KEYS[error.code]
    if (known) return known
    if (error.status === 429 || error.status === 503) return 'busy'
    if (error.status === 502 || error.status === 504) return 'unreachable'
  }
  return 'unexpected'
}
