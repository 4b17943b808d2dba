import type { ProductCard as Card, Locale } from '@stoa/api-client'
import { Badge, cn, Picture, Price } from '@stoa/ui'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { memo } from 'react'
import { paths } from '@/config/paths'
import { WishButton } from '@/features/account/components/wish-button'

const GRID_SIZES = '(min-width: 1440px) 340px, (min-width: 1024px) 25vw, (min-width: 768px) 30vw, 46vw'

/**
 * Two rows of the grid it stands in: in a row of cards the prices are level, however long the words above them. Kept while it shows the
 * same: a filter that was chosen must not wait for all cards to be made again.
 */
export const ProductCard = memo(function ProductCard({
  card,
  priority = false,
  level = 3,
  wish = true,
  sizes = GRID_SIZES,
  numbers = [],
}: {
  card: Card
  /** In the first row, whose pictures are loaded at once. */
  priority?: boolean
  level?: 2 | 3
  /** The heart in the corner. */
  wish?: boolean
  sizes?: string
  /** The buyer's own part numbers. */
  numbers?: string[] | undefined
}) {
  const locale = useLocale()
  const t = useTranslations('catalog')
  const common = useTranslations('common')
  const Heading = `h${level}` as const
  const more = card.swatches.length - 5
  return (
    <article className="group card-rows relative">
      <div>
        <div className="relative aspect-4/5 overflow-hidden rounded-lg bg-tile">
          {card.image ? (
            <Picture
              image={card.image}
              sizes={sizes}
              priority={priority}
              fit="contain"
              alt=""
              className={cn(
                'absolute inset-0 size-full transition-opacity duration-200',
                card.hover_image && 'hover-fades',
                card.badges.includes('sold_out') && 'opacity-60',
              )}
            />
          ) : null}
          {card.hover_image ? (
            <span className="hover-shows absolute inset-0 transition-opacity duration-200">
              <Picture image={card.hover_image} sizes={sizes} fit="contain" alt="" className="size-full" />
            </span>
          ) : null}
          <Badges card={card} />
          {wish ? (
            <WishButton
              productId={card.id}
              name={card.name}
              round
              className="absolute top-2 right-2 z-10 size-10 bg-background/80 after:absolute after:-inset-1 max-md:top-1.5 max-md:right-1.5 max-md:size-9"
            />
          ) : null}
        </div>
        <div className="mt-3 grid gap-1">
          <Heading className="text-sm leading-snug font-medium">
            <Link href={paths.product(locale as Locale, card.slug)} className="after:absolute after:inset-0">
              {card.name}
            </Link>
          </Heading>
          {card.subtitle ? (
            <p className="line-clamp-2 text-sm text-muted-foreground">{card.subtitle}</p>
          ) : null}
          {numbers.length > 0 ? (
            <p className="truncate text-xs text-muted-foreground">
              {common('partNumber', { number: numbers.join(', ') })}
            </p>
          ) : null}
        </div>
      </div>
      <div>
        <Price
          price={card.price}
          locale={locale}
          size="sm"
          labels={{ now: common('price.now'), before: common('price.before') }}
          {...(card.price_from ? { from: common('price.from') } : {})}
        />
        {card.swatches.length > 1 ? (
          <ul
            aria-label={t('availableIn', { names: card.swatches.map((swatch) => swatch.label).join(', ') })}
            className="mt-1.5 flex items-center gap-1.5"
          >
            {card.swatches.slice(0, 5).map((swatch) => (
              <li
                key={swatch.value}
                title={swatch.label}
                // Faded, it would be another colour.
                className={cn(
                  'swatch-dot relative size-3.5 overflow-hidden rounded-full',
                  !swatch.available && 'struck',
                )}
                style={swatch.colour ? { backgroundColor: swatch.colour } : undefined}
              />
            ))}
            {more > 0 ? (
              <li className="text-xs text-muted-foreground">{t('moreColours', { count: more })}</li>
            ) : null}
          </ul>
        ) : null}
      </div>
    </article>
  )
})

function Badges({ card }: { card: Card }) {
  const t = useTranslations('catalog.badges')
  const percent = card.price.discount_percent
  if (card.badges.length === 0) return null
  return (
    <ul className="absolute top-3 left-3 flex flex-col items-start gap-1.5">
      {card.badges.includes('sold_out') ? (
        <li>
          <Badge tone="paper">{t('sold_out')}</Badge>
        </li>
      ) : null}
      {card.badges.includes('sale') ? (
        <li>
          <Badge tone="sale">{percent ? t('sale', { percent }) : t('saleWord')}</Badge>
        </li>
      ) : null}
      {card.badges.includes('new') ? (
        <li>
          <Badge tone="accent">{t('new')}</Badge>
        </li>
      ) : null}
      {card.badges.includes('backorder') ? (
        <li>
          <Badge tone="paper">{t('backorder')}</Badge>
        </li>
      ) : null}
      {card.badges.includes('low_stock') && !card.badges.includes('sold_out') ? (
        <li>
          <Badge tone="warning">{t('low_stock')}</Badge>
        </li>
      ) : null}
    </ul>
  )
}

/** The shape of a card while it is on its way. */
export function ProductCardSkeleton() {
  return (
    <div aria-hidden="true" className="row-span-2 animate-pulse">
      <div className="aspect-4/5 rounded-lg bg-tile" />
      <div className="mt-3 h-4 w-2/3 rounded-sm bg-secondary" />
      <div className="mt-2 h-4 w-1/3 rounded-sm bg-secondary" />
    </div>
  )
}
