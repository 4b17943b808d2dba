import type { Locale, ProductPage } from '@stoa/api-client'
import { Rating } from '@stoa/ui'
import { getTranslations } from 'next-intl/server'
import type { Viewer } from '@/features/buyer/viewer'
import { MoreReviews } from './more-reviews'
import { ReviewItem } from './review-item'

export async function Reviews({
  product,
  locale,
  viewer,
}: {
  product: ProductPage
  locale: Locale
  viewer: Viewer
}) {
  const [t, common] = await Promise.all([
    getTranslations({ locale, namespace: 'product' }),
    getTranslations({ locale, namespace: 'common' }),
  ])
  const { rating } = product
  const average = rating ? (rating.average / 10).toLocaleString(locale, { minimumFractionDigits: 1 }) : ''
  return (
    <section id="reviews" aria-labelledby="reviews-title" className="scroll-mt-24">
      <h2 id="reviews-title" className="headline text-2xl lg:text-3xl">
        {t('reviews')}
      </h2>
      {rating && rating.count > 0 ? (
        <>
          <p className="mt-4 flex items-center gap-3">
            <Rating average={rating.average} label={common('rating', { value: average })} />
            <span className="text-sm text-muted-foreground">
              {t('reviewsSummary', { average, count: rating.count })}
            </span>
          </p>
          <ul className="mt-8 grid gap-x-12 gap-y-9 md:grid-cols-2 lg:grid-cols-3">
            {product.reviews.map((review) => (
              <li key={review.id}>
                <ReviewItem review={review} locale={locale} />
              </li>
            ))}
          </ul>
          {rating.count > product.reviews.length ? (
            <MoreReviews
              productId={product.id}
              locale={locale}
              shown={product.reviews.length}
              viewer={viewer}
            />
          ) : null}
        </>
      ) : (
        <p className="mt-4 max-w-prose text-muted-foreground">{t('noReviews')}</p>
      )}
    </section>
  )
}
