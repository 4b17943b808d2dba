import type { Locale, Review } from '@stoa/api-client'
import { CircleCheck, Rating } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { formatDate } from '@/lib/dates'

export function ReviewItem({ review, locale }: { review: Review; locale: Locale }) {
  const t = useTranslations('product')
  const common = useTranslations('common')
  return (
    <article lang={review.locale} className="flex flex-col">
      <Rating average={review.rating * 10} label={common('rating', { value: String(review.rating) })} />
      <h3 className="mt-3 font-medium">{review.title}</h3>
      <p className="mt-1.5 text-sm whitespace-pre-line">{review.body}</p>
      <p
        lang={locale}
        className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted-foreground"
      >
        <span>{review.author}</span>
        <time dateTime={review.created_at}>{formatDate(review.created_at, locale)}</time>
        {review.verified ? (
          <span className="inline-flex items-center gap-1.5">
            <CircleCheck className="size-4 text-success" aria-hidden="true" />
            {t('verified')}
          </span>
        ) : null}
      </p>
    </article>
  )
}
