'use client'
import type { Return } from '@stoa/api-client'
import { Alert, Button, buttonVariants, cn, formatMoney, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { useRef, useState } from 'react'
import { paths } from '@/config/paths'
import { Timeline } from '@/features/orders/components/timeline'
import { formatDate } from '@/lib/dates'
import { errorKey } from '@/lib/error-message'
import { cancelReturn, labelHref, photoHref, returnsQuery } from '../api/returns-query'
import { ReturnForm } from './return-form'

/** The returns of an order, and the way to a new one. */
export function OrderReturns({ number, token }: { number: string; token: string | undefined }) {
  const locale = useLocale()
  const t = useTranslations('order.returns')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const found = useQuery(returnsQuery(number, token))
  const [open, setOpen] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  if (found.error && !found.data)
    return (
      <section className="mt-10">
        <Alert
          tone="error"
          action={
            <Button size="sm" variant="outline" pending={found.isFetching} onClick={() => found.refetch()}>
              {common('retry')}
            </Button>
          }
        >
          {errors(errorKey(found.error))}
        </Alert>
      </section>
    )
  if (!found.data) return null
  const { data } = found
  const possible = data.returnable.some(({ quantity }) => quantity > 0)
  // Nothing has left yet: there is nothing to say about returns.
  if (data.returns.length === 0 && data.returnable.every(({ obstacle }) => obstacle === 'not_shipped'))
    return null
  return (
    <section aria-labelledby="order-returns" className="mt-10">
      <h2 id="order-returns" ref={heading} tabIndex={-1} className="mb-1 font-medium outline-none">
        {t('title')}
      </h2>
      {open ? (
        <ReturnForm
          number={number}
          token={token}
          returns={data}
          onDone={() => {
            setOpen(false)
            requestAnimationFrame(() => heading.current?.focus())
          }}
        />
      ) : (
        <>
          <p className="text-sm text-muted-foreground">
            {possible
              ? t('policy', { date: formatDate(data.until, locale), days: data.days })
              : t('nothingLeft')}
          </p>
          {possible ? (
            <Button variant="outline" className="mt-4" onClick={() => setOpen(true)}>
              {t('start')}
            </Button>
          ) : (
            <ul className="mt-2 grid gap-1 text-sm text-muted-foreground">
              {data.returnable.map((line) => (
                <li key={line.line_id}>
                  {line.name}: {line.excluded_reason || t(`obstacle_${line.obstacle}`)}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {data.returns.length > 0 ? (
        <ul className="mt-6 grid gap-6">
          {[...data.returns].reverse().map((one) => (
            <ReturnCard key={one.id} number={number} token={token} one={one} />
          ))}
        </ul>
      ) : null}
    </section>
  )
}

const TONES: Record<Return['state'], string> = {
  requested: 'bg-warning-ground text-warning',
  approved: 'bg-success-ground text-success',
  rejected: 'bg-destructive-ground text-destructive',
  cancelled: 'bg-muted text-muted-foreground',
  received: 'bg-success-ground text-success',
  refunded: 'bg-success-ground text-success',
  closed: 'bg-muted text-muted-foreground',
}

function ReturnCard({ number, token, one }: { number: string; token: string | undefined; one: Return }) {
  const locale = useLocale()
  const t = useTranslations('order.returns')
  const errors = useTranslations('errors')
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => cancelReturn(number, token, one.id),
    onSettled: () => client.invalidateQueries({ queryKey: returnsQuery(number, token).queryKey }),
    onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }),
  })
  const { label } = one
  const usable = one.state === 'approved' && label
  return (
    <li className="rounded-xl border p-5 text-sm" aria-label={t('number', { number: one.number })}>
      <p className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <span className="font-medium">{t('number', { number: one.number })}</span>
        <span className={cn('inline-flex rounded-sm px-2 py-0.5 text-xs font-medium', TONES[one.state])}>
          {t(`state_${one.state === 'closed' && one.replacement_number ? 'exchanged' : one.state}`)}
        </span>
      </p>
      <ul className="mb-3 grid gap-1 text-muted-foreground">
        {one.lines.map((line) => (
          <li key={line.line_id}>
            {t('line', { count: line.quantity, name: line.name })}
            {line.options_text ? `, ${line.options_text}` : ''}
            {' · '}
            {t(`reason_${line.reason}`)}
            {line.exchange_text ? ` · ${t('insteadOf', { goods: line.exchange_text })}` : ''}
          </li>
        ))}
      </ul>
      {one.comment ? (
        <p className="mb-3 break-words whitespace-pre-line">
          <span className="block text-muted-foreground">{t('yourNote')}</span>
          {one.comment}
        </p>
      ) : null}
      {one.photos.length > 0 ? (
        <ul className="mb-4 flex flex-wrap gap-2">
          {one.photos.map((photo, index) => (
            <li key={photo.id}>
              <a href={photoHref(number, one.id, photo.id, token)} target="_blank" rel="noreferrer">
                <img
                  src={photoHref(number, one.id, photo.id, token)}
                  alt={t('photo', { count: index + 1 })}
                  loading="lazy"
                  className="size-16 rounded-md border object-cover"
                />
              </a>
            </li>
          ))}
        </ul>
      ) : null}
      {one.answer ? (
        <p className="mb-4 rounded-lg bg-muted px-4 py-3 break-words whitespace-pre-line">
          <span className="block text-muted-foreground">{t('answer')}</span>
          {one.answer}
        </p>
      ) : null}
      {usable ? (
        <div className="mb-4">
          {label.ready && label.state !== 'cancelled' && label.state !== 'cancelling' ? (
            <>
              <a
                href={labelHref(number, one.id, token)}
                download
                className={buttonVariants({ variant: 'primary' })}
              >
                {t('label')}
              </a>
              <p className="mt-2 text-muted-foreground">{t('labelHint')}</p>
            </>
          ) : (
            <p role="status" className="text-muted-foreground">
              {label.state === 'failed' ? t('labelTrouble') : t('labelSoon')}
            </p>
          )}
        </div>
      ) : null}
      {one.state === 'approved' && !label ? (
        <p className="mb-4 text-muted-foreground">{t('ownLabel', { number: one.number })}</p>
      ) : null}
      {label?.tracking_number ? (
        <p className="mb-4 text-muted-foreground">
          {t('tracking')}{' '}
          {label.tracking_url ? (
            <a href={label.tracking_url} target="_blank" rel="noreferrer" className="underline tabular-nums">
              {label.tracking_number}
            </a>
          ) : (
            <span className="tabular-nums">{label.tracking_number}</span>
          )}
        </p>
      ) : null}
      {one.refunded ? (
        <p className="mb-4 font-medium">{t('refunded', { amount: formatMoney(one.refunded, locale) })}</p>
      ) : null}
      {one.replacement_number ? (
        <p className="mb-4">
          {token ? (
            t('replacement', { number: one.replacement_number })
          ) : (
            <Link
              href={paths.account(locale, 'orders', one.replacement_number)}
              prefetch={false}
              className="underline underline-offset-4"
            >
              {t('replacement', { number: one.replacement_number })}
            </Link>
          )}
        </p>
      ) : null}
      <Timeline entries={one.timeline.map(({ at, kind }) => ({ at, kind, text: t(`moment_${kind}`) }))} />
      {one.state === 'requested' || (one.state === 'approved' && !label?.tracking_number) ? (
        <Button
          variant="link"
          size="inline"
          className="mt-4"
          pending={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          {t('cancel')}
        </Button>
      ) : null}
    </li>
  )
}
