import type { ProductCard as Card } from '@stoa/api-client'
import { ProductCard, ProductCardSkeleton } from './product-card'

export function ProductGrid({
  cards,
  numbers,
  eager = 3,
  coming = 0,
}: {
  cards: Card[]
  /** What the buyer's company calls variants of these products. */
  numbers?: ReadonlyMap<string, { number: string }[]>
  /** How many pictures are loaded at once: the first row. */
  eager?: number
  /** How many more are on their way. */
  coming?: number
}) {
  return (
    <ul className="grid grid-cols-2 gap-x-4 gap-y-10 md:grid-cols-3 md:gap-x-6 md:gap-y-12">
      {cards.map((card, index) => (
        <li key={card.id} className="card-rows">
          <ProductCard
            card={card}
            priority={index < eager}
            level={2}
            numbers={numbers?.get(card.id)?.map(({ number }) => number)}
          />
        </li>
      ))}
      {Array.from({ length: coming }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical shapes that never move
        <li key={`coming-${index}`} aria-hidden="true" className="card-rows">
          <ProductCardSkeleton />
        </li>
      ))}
    </ul>
  )
}
