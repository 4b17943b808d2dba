import type { Media, ProductPage, Variant } from '@stoa/api-client'

export type Selection = Record<string, string>

const sellable = (variant: Variant) => variant.stock.state !== 'sold_out'

const matches = (variant: Variant, selection: Selection) =>
  Object.entries(selection).every(([code, value]) => variant.options[code] === value)

/** The variant a visitor sees first: the first that can be bought, or else the first. */
export const defaultVariant = (product: ProductPage): Variant | undefined =>
  product.variants.find(sellable) ?? product.variants[0]

/** Options named in an address, as far as the product has them. */
export function selectionFromSearch(product: ProductPage, search: string): Selection {
  const query = new URLSearchParams(search)
  const selection: Selection = {}
  for (const option of product.options) {
    const value = query.get(option.code)
    if (value && option.values.some((known) => known.value === value)) selection[option.code] = value
  }
  return selection
}

/** The variant that an address means: all it names, the rest as near to the default as there is. */
export function variantFor(product: ProductPage, selection: Selection): Variant | undefined {
  const fitting = product.variants.filter((variant) => matches(variant, selection))
  return fitting.find(sellable) ?? fitting[0] ?? defaultVariant(product)
}

export type ChoiceState = 'available' | 'sold_out' | 'not_made'

/**
 * What choosing `value` leads to: the variant that keeps the other choices, or, where that is not made, the nearest
 * one that has this value.
 */
export function choice(
  product: ProductPage,
  current: Variant,
  code: string,
  value: string,
): { state: ChoiceState; selection: Selection } {
  const wanted = { ...current.options, [code]: value }
  const exact = product.variants.find((variant) => matches(variant, wanted))
  if (exact) return { state: sellable(exact) ? 'available' : 'sold_out', selection: exact.options }
  const others = product.variants.filter((variant) => variant.options[code] === value)
  const nearest = others.find(sellable) ?? others[0]
  return { state: 'not_made', selection: nearest ? nearest.options : wanted }
}

/** Keeps other things in the query, such as a campaign, and writes the options of the variant. */
export function searchWithSelection(product: ProductPage, search: string, selection: Selection): string {
  const query = new URLSearchParams(search)
  for (const option of product.options) {
    const value = selection[option.code]
    if (value) query.set(option.code, value)
    else query.delete(option.code)
  }
  const text = query.toString()
  return text ? `?${text}` : ''
}

/** Pictures of this variant: its own first, then those that show its options; all of them when none does. */
export function mediaFor(product: ProductPage, variant: Variant | undefined): Media[] {
  if (!variant) return product.media
  const fits = product.media.filter((media) =>
    Object.entries(media.options ?? {}).every(([code, value]) => variant.options[code] === value),
  )
  const list = fits.length > 0 ? fits : product.media
  const own = list.find((media) => media.id === variant.image_id)
  return own ? [own, ...list.filter((media) => media !== own)] : list
}
