'use client'
import { type Gift, type CartLine as Line, type Locale, newIdempotencyKey } from '@stoa/api-client'
import { cn, formatMoney, Picture, QuantityStepper, toast } from '@stoa/ui'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { paths } from '@/config/paths'
import { errorKey } from '@/lib/error-message'
import { useAddLine, useCartPending, useSetGifts, useSetQuantity } from '../api/cart-mutations'
import { Backordered } from './backordered'
import { GiftList, groupGifts, replaceGifts } from './gift-list'
import { LineAmount } from './line-amount'

// Nobody needs it before they ask.
const GiftDialog = dynamic(() => import('./gift-dialog'), { ssr: false })

export function CartLine({
  line,
  level,
  onNavigate,
}: {
  line: Line
  level: 2 | 3
  onNavigate?: (() => void) | undefined
}) {
  const Heading = `h${level}` as const
  const locale = useLocale()
  const t = useTranslations('cart')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const pending = useCartPending()
  const setQuantity = useSetQuantity()
  const addLine = useAddLine()
  const setGifts = useSetGifts()
  const [editing, setEditing] = useState<Gift | null>(null)
  const failed = (error: unknown) => toast(errors(errorKey(error)), { tone: 'error' })
  const change = (quantity: number) => setQuantity.mutate({ lineId: line.id, quantity }, { onError: failed })
  const remove = () =>
    setQuantity.mutate(
      { lineId: line.id, quantity: 0 },
      {
        onError: failed,
        onSuccess: () =>
          toast(t('removed', { name: line.name }), {
            action: {
              label: t('undo'),
              run: () => {
                const back = line.is_gift_card
                  ? groupGifts(line.gifts).map(({ gift, count }) => ({ gift, quantity: count }))
                  : [{ gift: undefined, quantity: line.quantity }]
                for (const { gift, quantity } of back)
                  addLine.mutate(
                    { variantId: line.variant_id, quantity, gift, key: newIdempotencyKey() },
                    { onError: failed },
                  )
              },
            },
          }),
      },
    )
  const gone = line.issues.some((issue) => issue.code === 'out_of_stock' || issue.code === 'unavailable')
  const href = paths.product(locale, line.product_slug)
  const before = line.regular_unit_price
  const reduced = before != null && before.amount > line.unit_price.amount
  return (
    <li className="flex gap-4 py-5">
      <Link
        href={href}
        onClick={onNavigate}
        tabIndex={-1}
        aria-hidden="true"
        className="aspect-4/5 w-22 flex-none self-start overflow-hidden rounded-md bg-tile sm:w-26"
      >
        {line.image ? (
          <Picture
            image={line.image}
            sizes="104px"
            alt=""
            fit="contain"
            className={cn('size-full p-1.5', gone && 'opacity-50')}
          />
        ) : null}
      </Link>
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex items-start justify-between gap-4">
          <div className="min-w-0">
            <Heading className="text-sm font-medium">
              <Link href={href} onClick={onNavigate} className="tap hover:underline">
                {line.name}
              </Link>
            </Heading>
            {line.options_text ? <p className="text-sm text-muted-foreground">{line.options_text}</p> : null}
            {line.is_gift_card ? <GiftList gifts={line.gifts} onChange={setEditing} /> : null}
          </div>
          <p
            className={cn(
              'flex-none text-right text-sm whitespace-nowrap tabular-nums transition-opacity',
              pending && 'opacity-45',
            )}
            aria-busy={pending || undefined}
          >
            <LineAmount line={line} className="font-medium" />
            {line.quantity > 1 ? (
              <span className="block text-xs text-muted-foreground">
                {t('each', { amount: formatMoney(line.unit_price, locale) })}
              </span>
            ) : null}
            {reduced && line.discount.amount === 0 ? (
              <span className="block text-xs text-muted-foreground">
                <span className="sr-only">{common('price.before')} </span>
                <s>{formatMoney(before, locale)}</s>
              </span>
            ) : null}
          </p>
        </div>
        <Issues line={line} locale={locale} onTake={change} />
        <Backordered count={line.backordered_quantity} day={line.expected_on} />
        <div className="mt-auto flex flex-wrap items-center justify-between gap-x-3 pt-3">
          {gone ? (
            <span />
          ) : (
            <QuantityStepper
              size="sm"
              value={line.quantity}
              max={line.is_gift_card ? 20 : 9999}
              onChange={change}
              labels={{
                quantity: t('quantityOf', { name: line.name }),
                less: t('lessOf', { name: line.name }),
                more: t('moreOf', { name: line.name }),
              }}
            />
          )}
          <button
            type="button"
            onClick={remove}
            aria-label={t('removeOf', { name: line.name })}
            className="tap -mr-2 rounded-md px-2 py-2 text-sm text-muted-foreground underline-offset-4 hover:text-foreground hover:underline"
          >
            {common('remove')}
          </button>
        </div>
      </div>
      {editing ? (
        <GiftDialog
          gift={editing}
          onSave={(gift) =>
            setGifts.mutateAsync({ lineId: line.id, gifts: replaceGifts(line.gifts, editing, gift) })
          }
          onClose={() => setEditing(null)}
        />
      ) : null}
    </li>
  )
}

function Issues({
  line,
  locale,
  onTake,
}: {
  line: Line
  locale: Locale
  onTake: (quantity: number) => void
}) {
  const t = useTranslations('cart.issue')
  const left = line.available_quantity
  if (line.issues.length === 0) {
    return left != null && left > 0 ? (
      <p className="mt-1 text-sm text-warning">{t('fewLeft', { count: left })}</p>
    ) : null
  }
  return (
    <ul aria-live="polite" className="mt-2 grid gap-1.5 text-sm">
      {line.issues.map((issue) => (
        <li
          key={issue.code}
          className={cn(
            'rounded-md px-3 py-2',
            issue.code === 'price_changed' ? 'bg-muted text-foreground' : 'bg-warning-ground text-warning',
          )}
        >
          {issue.code === 'price_changed'
            ? t('price_changed', { amount: issue.old_price ? formatMoney(issue.old_price, locale) : '–' })
            : issue.code === 'insufficient_stock'
              ? t('insufficient_stock', { count: left ?? 0 })
              : t(issue.code)}
          {issue.code === 'insufficient_stock' && left != null && left > 0 ? (
            <button
              type="button"
              onClick={() => onTake(left)}
              className="tap ml-2 font-medium underline underline-offset-4"
            >
              {t('take', { count: left })}
            </button>
          ) : null}
        </li>
      ))}
    </ul>
  )
}
