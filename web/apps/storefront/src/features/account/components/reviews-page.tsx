'use client'
import { type BoughtProduct, isApiError, newIdempotencyKey, type OwnReview } from '@stoa/api-client'
import { Alert, Button, cn, Dialog, EmptyState, Field, Input, Picture, Star, Textarea, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useRef, useState } from 'react'
import { paths } from '@/config/paths'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { boughtQuery, ownReviewsQuery } from '../api/account-queries'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'
import { LookAround } from './look-around'

export function ReviewsPage() {
  const locale = useLocale()
  const t = useTranslations('account')
  const query = useQuery(boughtQuery())
  const [writing, setWriting] = useState<BoughtProduct>()
  const own = useQuery(ownReviewsQuery())
  const reviews = new Map(own.data?.items.map((item) => [item.product_id, item]))
  const client = useQueryClient()
  return (
    <>
      <AccountTitle>{t('nav.reviews')}</AccountTitle>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('reviews.emptyTitle')} action={<LookAround />}>
              {t('reviews.emptyText')}
            </EmptyState>
          ) : (
            <>
              <p className="-mt-5 mb-6 text-muted-foreground">{t('reviews.text')}</p>
              <ul className="divide-y border-y">
                {items.map((item) => (
                  <li key={item.product_id} className="flex items-center gap-4 py-4">
                    <span className="aspect-4/5 w-16 flex-none overflow-hidden rounded-md bg-tile">
                      {item.image ? (
                        <Picture
                          image={item.image}
                          sizes="64px"
                          alt=""
                          fit="contain"
                          className="size-full p-1"
                        />
                      ) : null}
                    </span>
                    <div className="min-w-0 flex-1 text-sm">
                      <h2 className="font-medium">
                        <Link href={paths.product(locale, item.slug)} className="hover:underline">
                          {item.name}
                        </Link>
                      </h2>
                      <p className="text-muted-foreground">
                        {t('reviews.from', { number: item.order_number })}
                      </p>
                    </div>
                    {reviews.has(item.product_id) ? (
                      <Reviewed review={reviews.get(item.product_id)} />
                    ) : own.isPending ? null : (
                      <Button
                        size="sm"
                        variant="outline"
                        aria-label={t('reviews.writeOf', { name: item.name })}
                        onClick={() => setWriting(item)}
                      >
                        {t('reviews.write')}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
      {writing ? (
        <ReviewDialog
          key={writing.product_id}
          product={writing}
          onClose={() => setWriting(undefined)}
          onReviewed={() => client.invalidateQueries(ownReviewsQuery())}
        />
      ) : null}
    </>
  )
}

function Reviewed({ review }: { review: OwnReview | undefined }) {
  const t = useTranslations('account.reviews')
  if (!review) return null
  return (
    <span className="flex flex-none flex-col items-end gap-1 text-sm text-muted-foreground">
      <span role="img" className="flex text-warning" aria-label={t('stars', { count: review.review.rating })}>
        {[1, 2, 3, 4, 5].map((star) => (
          <Star
            key={star}
            className={cn('size-4', star <= review.review.rating ? 'fill-current' : 'text-input')}
            aria-hidden="true"
          />
        ))}
      </span>
      {t(`state.${review.state}`)}
    </span>
  )
}

function ReviewDialog({
  product,
  onClose,
  onReviewed,
}: {
  product: BoughtProduct
  onClose: () => void
  onReviewed: () => void
}) {
  const t = useTranslations('account.reviews')
  const words = useTranslations('address')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const [rating, setRating] = useState(0)
  const [title, setTitle] = useState('')
  const [body, setBody] = useState('')
  const [submitted, setSubmitted] = useState(false)
  const intent = useRef({ body: '', key: '' })
  const publish = useMutation({
    mutationFn: () => {
      const review = { rating, title: title.trim(), body: body.trim() }
      const text = JSON.stringify(review)
      if (intent.current.body !== text) intent.current = { body: text, key: newIdempotencyKey() }
      return api(
        'POST /catalog/products/{id}/reviews',
        { path: { id: product.product_id }, body: review },
        { idempotencyKey: intent.current.key },
      )
    },
    onSuccess: () => {
      toast(t('thanks'), { tone: 'success' })
      onReviewed()
      onClose()
    },
    onError: (error) => {
      if (isApiError(error, 'catalog.review_exists')) onReviewed()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (rating > 0 && title.trim() && body.trim()) publish.mutate()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('writeOf', { name: product.name })}
      closeLabel={common('close')}
      footer={
        <Button type="submit" form="review-form" block pending={publish.isPending}>
          {t('submit')}
        </Button>
      }
    >
      <form id="review-form" onSubmit={submit} noValidate className="grid gap-5">
        {publish.isError ? <Alert tone="error">{errors(errorKey(publish.error))}</Alert> : null}
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">{t('rating')}</legend>
          <div className="flex">
            {[1, 2, 3, 4, 5].map((stars) => (
              <label
                key={stars}
                className="rounded-sm p-1.5 has-focus-visible:outline-2 has-focus-visible:outline-ring"
              >
                <input
                  type="radio"
                  name="rating"
                  value={stars}
                  checked={rating === stars}
                  onChange={() => setRating(stars)}
                  aria-label={t('stars', { count: stars })}
                  className="sr-only"
                />
                <Star
                  className={cn('size-7', stars <= rating ? 'fill-current text-warning' : 'text-input')}
                  aria-hidden="true"
                />
              </label>
            ))}
          </div>
          {submitted && rating === 0 ? (
            <p role="alert" className="mt-1.5 text-sm text-destructive">
              {t('ratingRequired')}
            </p>
          ) : null}
        </fieldset>
        <Field label={t('headline')} error={submitted && !title.trim() ? words('required') : undefined}>
          <Input
            name="title"
            maxLength={120}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </Field>
        <Field label={t('body')} error={submitted && !body.trim() ? words('required') : undefined}>
          <Textarea
            name="body"
            maxLength={4000}
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  )
}
