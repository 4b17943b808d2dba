'use client'
import type { ProductCard as Card } from '@stoa/api-client'
import { ProductCard } from './product-card'

/** A row of cards that scrolls sideways on a phone and is a plain row of four on wide screens. */
export function ProductRail({
  cards,
  level = 3,
  own = false,
}: {
  cards: Card[]
  level?: 2 | 3
  /** At the prices of the buyer who is here. */
  own?: boolean
}) {
  return (
    <div data-catalogue={own ? 'own' : true} className="-mx-4 overflow-hidden md:mx-0">
      <ul className="no-scrollbar flex snap-x gap-4 overflow-x-auto px-4 pb-1 md:grid md:grid-cols-4 md:gap-6 md:overflow-visible md:px-0">
        {cards.map((card, index) => (
          <li
            key={card.id}
            className={`w-[62vw] max-w-72 flex-none snap-start scroll-ml-4 md:w-auto md:max-w-none ${index > 3 ? 'md:hidden' : ''}`}
          >
            <ProductCard
              card={card}
              level={level}
              sizes="(min-width: 1440px) 320px, (min-width: 768px) 23vw, 62vw"
            />
          </li>
        ))}
      </ul>
    </div>
  )
}
