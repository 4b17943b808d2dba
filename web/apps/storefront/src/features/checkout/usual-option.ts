import type { ShippingOption } from '@stoa/api-client'

/** What most people take: the first of the cheapest ways to their door. Nobody finds something dearer chosen for them. */
export function usualOption(options: readonly ShippingOption[]): ShippingOption | undefined {
  if (options.length === 1) return options[0]
  const cheapest = Math.min(...options.map(({ price }) => price.amount))
  return options.find(({ kind, price }) => kind !== 'service_point' && price.amount === cheapest)
}
