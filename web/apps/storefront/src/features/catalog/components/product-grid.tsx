import type { ProductCard as Card } from '@stoa/api-client'
import { cn } from '@stoa/ui'
import { ProductCard, ProductCardSkeleton } from './product-card'

const grid = 'grid grid-cols-2 gap-x-4 gap-y-10 md:grid-cols-3 md:gap-x-6 md:gap-y-12'

export function ProductGrid({
  cards,
  eager = 3,
  className,
}: {
  cards: Card[]
  eager?: number
  className?: string
}) {
  return (
    <ul className={cn(grid, className)}>
      {cards.map((card, index) => (
        <li key={card.id}>
          <ProductCard card={card} priority={index < eager} level={2} />
        </li>
      ))}
    </ul>
  )
}

export function ProductGridSkeleton({ count = 9 }: { count?: number }) {
  return (
    <div className={grid}>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical shapes that never move
        <ProductCardSkeleton key={index} />
      ))}
    </div>
  )
}
