import type { Locale, Money, ProductPage, StockState } from '@stoa/api-client'
import { currencyExponent, toDecimal } from '@stoa/ui'
import { searchWithSelection } from './variants'

const decimal = (money: Money) => toDecimal(money.amount, currencyExponent(money.currency))

const AVAILABILITY: Record<StockState, string> = {
  in_stock: 'https://schema.org/InStock',
  low_stock: 'https://schema.org/LimitedAvailability',
  sold_out: 'https://schema.org/OutOfStock',
  backorder: 'https://schema.org/BackOrder',
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' }

/** What the HTML says, without tags and entities. */
const plainText = (html: string): string =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_whole, name: string) => ENTITIES[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim()

/** The product as search engines read it. `absolute` makes addresses complete. */
export function productData(
  product: ProductPage,
  locale: Locale,
  url: string,
  absolute: (path: string) => string,
): Record<string, unknown> {
  const plain = plainText(product.description_html)
  return {
    '@type': 'Product',
    '@id': `${url}#product`,
    name: product.name,
    description: plain || product.seo.description,
    url,
    inLanguage: locale,
    productID: product.id,
    image: product.media.slice(0, 6).map((media) => absolute(media.src.replace('{w}', '1080'))),
    ...(product.brand ? { brand: { '@type': 'Brand', name: product.brand } } : {}),
    ...(product.category ? { category: product.category.name } : {}),
    ...(product.rating && product.rating.count > 0
      ? {
          aggregateRating: {
            '@type': 'AggregateRating',
            ratingValue: product.rating.average / 10,
            reviewCount: product.rating.count,
            bestRating: 5,
          },
          review: product.reviews.slice(0, 3).map((review) => ({
            '@type': 'Review',
            reviewRating: { '@type': 'Rating', ratingValue: review.rating, bestRating: 5 },
            author: { '@type': 'Person', name: review.author },
            datePublished: review.created_at.slice(0, 10),
            name: review.title,
            reviewBody: review.body,
          })),
        }
      : {}),
    offers: product.variants.map((variant) => ({
      '@type': 'Offer',
      sku: variant.sku,
      name: variant.name,
      // Where this very one is chosen.
      url: url + searchWithSelection(product, '', variant.options),
      price: decimal(variant.price.amount),
      priceCurrency: variant.price.amount.currency,
      availability: AVAILABILITY[variant.stock.state],
      ...(variant.stock.expected_on ? { availabilityStarts: variant.stock.expected_on } : {}),
      itemCondition: 'https://schema.org/NewCondition',
      ...(variant.barcode ? { gtin: variant.barcode } : {}),
    })),
  }
}
