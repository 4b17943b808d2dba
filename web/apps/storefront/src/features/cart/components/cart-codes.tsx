'use client'
import type { Cart } from '@stoa/api-client'
import { Button, Check, cn, Field, formatMoney, Input, TriangleAlert, X } from '@stoa/ui'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { errorKey } from '@/lib/error-message'
import { useAddCode, useRemoveCode } from '../api/cart-mutations'
import { reasonKey } from '../reasons'

/** Promotion codes: what each one takes off, or in words why it does not. */
export function CartCodes({ cart }: { cart: Cart }) {
  const locale = useLocale()
  const t = useTranslations('cart')
  const errors = useTranslations('errors')
  const add = useAddCode()
  const remove = useRemoveCode()
  const [draft, setDraft] = useState('')
  const [missing, setMissing] = useState(false)
  // Kept here and not derived from the error: whoever corrects a refused code must not see the field close.
  const [open, setOpen] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const code = draft.trim()
    setMissing(code === '')
    if (code) add.mutate(code, { onSuccess: () => setDraft('') })
  }
  const problem = missing ? t('code.required') : add.isError ? errors(errorKey(add.error)) : undefined
  return (
    <div>
      {cart.codes.length > 0 ? (
        <ul aria-live="polite" className="mb-3 grid gap-2">
          {cart.codes.map((code) => (
            <li
              key={code.code}
              className={cn(
                'flex items-start gap-2.5 rounded-md py-2 pr-1 pl-3 text-sm',
                code.applied ? 'bg-success-ground text-success' : 'bg-warning-ground text-warning',
              )}
            >
              {code.applied ? (
                <Check className="mt-0.5 size-4 flex-none" aria-hidden="true" />
              ) : (
                <TriangleAlert className="mt-0.5 size-4 flex-none" aria-hidden="true" />
              )}
              <span className="min-w-0 flex-1">
                <span className="font-medium">{code.code}</span>
                {code.applied ? null : <span className="sr-only">, {t('code.notApplied')}</span>}
                <span className="block">{code.applied ? code.label : t(`reason.${reasonKey(code)}`)}</span>
              </span>
              {code.applied && code.amount && code.amount.amount > 0 ? (
                <span className="tabular-nums">−{formatMoney(code.amount, locale)}</span>
              ) : null}
              <button
                type="button"
                aria-label={t('code.remove', { code: code.code })}
                onClick={() => remove.mutate(code.code)}
                className="tap -my-1.5 grid size-9 flex-none place-items-center rounded-md"
              >
                <X className="size-4" aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <details className="group" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="tap inline-block rounded-sm py-1 text-sm underline underline-offset-4 group-open:sr-only">
          {t('code.open')}
        </summary>
        <form onSubmit={submit} noValidate className="flex items-start gap-2">
          <Field label={t('code.label')} error={problem} className="flex-1">
            <Input
              value={draft}
              onChange={(event) => {
                setDraft(event.target.value)
                setMissing(false)
                if (add.isError) add.reset()
              }}
              name="code"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              maxLength={100}
            />
          </Field>
          <Button type="submit" variant="secondary" pending={add.isPending} className="mt-7">
            {t('code.apply')}
          </Button>
        </form>
      </details>
    </div>
  )
}
