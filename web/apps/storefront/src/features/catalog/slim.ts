import type { Image, ProductCard } from '@stoa/api-client'

/** Pictures of cards further down are loaded while scrolling; there the tile's own ground is placeholder enough. */
const BLURRED = 4

const plain = (image: Image): Image => ({ ...image, placeholder: null })

/** What a page must carry of its cards. They stand in it twice, as HTML and as data, so every byte counts double. */
export function slimCards(cards: readonly ProductCard[], blurred = BLURRED): ProductCard[] {
  return cards.map((card, index) => ({
    ...card,
    image: card.image && index >= blurred ? plain(card.image) : card.image,
    hover_image: card.hover_image ? plain(card.hover_image) : card.hover_image,
    swatches: card.swatches.map(({ image: _unused, ...swatch }) => swatch),
  }))
}
