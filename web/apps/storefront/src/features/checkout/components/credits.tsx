'use client'
import type { Checkout, Maybe, Money } from '@stoa/api-client'
import { Button, Check, Checkbox, Field, formatMoney, Input, TriangleAlert, X } from '@stoa/ui'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { errorKey } from '@/lib/error-message'
import { useAddGiftCard, useRemoveCredit, useStoreCredit } from '../api/checkout'

/** Gift cards and store credit: what each pays of this purchase, and a field for one more. */
export function Credits({
  checkout,
  storeCredit,
}: {
  checkout: Checkout
  storeCredit?: Maybe<Money> | undefined
}) {
  const locale = useLocale()
  const t = useTranslations('checkout.credits')
  const errors = useTranslations('errors')
  const add = useAddGiftCard()
  const remove = useRemoveCredit()
  const store = useStoreCredit()
  const [draft, setDraft] = useState('')
  const [missing, setMissing] = useState(false)
  // Kept here and not derived: whoever corrects a refused code must not see the field close.
  const [open, setOpen] = useState(false)
  const money = (amount: Money) => formatMoney(amount, locale)
  const cards = checkout.credits.filter(({ kind }) => kind === 'gift_card')
  const used = checkout.credits.find(({ kind }) => kind === 'store_credit')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const code = draft.trim()
    setMissing(code === '')
    if (code) add.mutate(code, { onSuccess: () => setDraft('') })
  }
  const failure = remove.error ?? store.error
  const has = cards.length > 0 || used !== undefined || storeCredit != null
  return (
    <section aria-labelledby="credits-title" className="mb-8 grid gap-3">
      <h2 id="credits-title" className={has || open ? 'font-medium' : 'sr-only'}>
        {t('title')}
      </h2>
      {cards.length > 0 ? (
        <ul aria-live="polite" className="grid gap-2">
          {cards.map((card) => (
            <li
              key={card.id}
              className="flex items-start gap-2.5 rounded-md bg-success-ground py-2 pr-1 pl-3 text-sm text-success"
            >
              {card.amount.amount > 0 ? (
                <Check className="mt-0.5 size-4 flex-none" aria-hidden="true" />
              ) : (
                <TriangleAlert className="mt-0.5 size-4 flex-none" aria-hidden="true" />
              )}
              <span className="min-w-0 flex-1">
                <span className="font-medium">{t('card', { hint: card.hint })}</span>
                <span className="block">
                  {t('balance', {
                    balance: money(card.available),
                    left: money({
                      amount: card.available.amount - card.amount.amount,
                      currency: card.amount.currency,
                    }),
                  })}
                </span>
              </span>
              <span className="tabular-nums">−{money(card.amount)}</span>
              <button
                type="button"
                aria-label={t('remove', { hint: card.hint })}
                disabled={remove.isPending}
                onClick={() => remove.mutate(card.id)}
                className="tap -my-1.5 grid size-9 flex-none place-items-center rounded-md"
              >
                <X className="size-4" aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {storeCredit || used ? (
        <Checkbox
          name="store_credit"
          checked={used !== undefined}
          disabled={store.isPending}
          onChange={(event) => store.mutate(event.target.checked)}
          label={
            used && used.amount.amount > 0
              ? t('storeUsed', { amount: money(used.amount), balance: money(used.available) })
              : t('storeUse', { balance: money(storeCredit ?? used?.available ?? checkout.due) })
          }
        />
      ) : null}
      {/* Most have none: what they came for is below. */}
      <details className="group" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="tap inline-block rounded-sm py-1 text-sm underline underline-offset-4 group-open:sr-only">
          {t('open')}
        </summary>
        <form onSubmit={submit} noValidate className="flex items-start gap-2">
          <Field
            label={t('code')}
            className="min-w-0 flex-1"
            error={missing ? t('required') : add.isError ? errors(errorKey(add.error)) : undefined}
          >
            <Input
              name="gift_card"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              maxLength={40}
              value={draft}
              onChange={(event) => {
                setDraft(event.target.value)
                setMissing(false)
              }}
            />
          </Field>
          <Button type="submit" variant="outline" className="mt-7" pending={add.isPending}>
            {t('apply')}
          </Button>
        </form>
      </details>
      {failure ? (
        <p role="alert" className="text-sm text-destructive">
          {errors(errorKey(failure))}
        </p>
      ) : null}
      {checkout.credits.length > 0 ? (
        <p className="flex justify-between border-t pt-3 font-medium">
          <span>{t('due')}</span>
          <span className="tabular-nums">{money(checkout.due)}</span>
        </p>
      ) : null}
    </section>
  )
}
