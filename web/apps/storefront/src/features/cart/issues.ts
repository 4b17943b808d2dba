import type { Cart, CartLine } from '@stoa/api-client'

/** Issues that must be solved before the checkout; a changed price only wants to be seen. */
export const blocks = (line: CartLine): boolean => line.issues.some((issue) => issue.code !== 'price_changed')

export const canCheckOut = (cart: Cart): boolean => cart.lines.length > 0 && !cart.lines.some(blocks)
