import type { Locale, ProductCard, ProductPage } from '@stoa/api-client'
import { defaultVariant, mediaFor } from './variants'

/** A product that was looked at, under its names in all languages. Prices are not kept: they are asked for again. */
export type Viewed = { id: string; slugs: Partial<Record<Locale, string>> }

const KEY = 'stoa_viewed'
const KEPT = 12

const isViewed = (value: unknown): value is Viewed =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Viewed).id === 'string' &&
  typeof (value as Viewed).slugs === 'object' &&
  (value as Viewed).slugs !== null

/** What somebody else wrote there, or an older version of the shop, is left out. */
export function parseViewed(text: string | null): Viewed[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter(isViewed).slice(0, KEPT) : []
  } catch {
    return []
  }
}

/** The newest first, each once. */
export const withViewed = (list: readonly Viewed[], viewed: Viewed): Viewed[] =>
  [viewed, ...list.filter(({ id }) => id !== viewed.id)].slice(0, KEPT)

/** Notes this product and returns those that were looked at before. A browser that keeps nothing has seen nothing. */
export function noteViewed(product: Viewed): Viewed[] {
  try {
    const before = parseViewed(localStorage.getItem(KEY))
    localStorage.setItem(KEY, JSON.stringify(withViewed(before, product)))
    return before.filter(({ id }) => id !== product.id)
  } catch {
    return []
  }
}

/** A product page as the card that listings show. */
export function cardOf(product: ProductPage): ProductCard | undefined {
  const variant = defaultVariant(product)
  if (!variant) return undefined
  const [image, hover] = mediaFor(product, variant)
  const cheapest = product.variants.reduce((low, other) =>
    other.price.amount.amount < low.price.amount.amount ? other : low,
  )
  const colours = product.options.find((option) => option.values.some((value) => value.colour))
  return {
    id: product.id,
    slug: product.slug,
    name: product.name,
    subtitle: product.subtitle ?? null,
    image: image ?? null,
    hover_image: hover ?? null,
    price: cheapest.price,
    price_from: product.variants.some((other) => other.price.amount.amount !== cheapest.price.amount.amount),
    badges: product.badges,
    available: product.available,
    rating: product.rating ?? null,
    default_variant_id: variant.id,
    swatches: (colours?.values ?? []).map((value) => ({
      value: value.value,
      label: value.label,
      colour: value.colour ?? null,
      available: product.variants.some(
        (other) => colours && other.options[colours.code] === value.value && other.stock.state !== 'sold_out',
      ),
    })),
  }
}
