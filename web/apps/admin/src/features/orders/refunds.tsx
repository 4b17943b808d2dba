import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Alert, Badge, Button, Checkbox, currencyExponent, Dialog, Field, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import {
  deskOrder,
  type OrderMoney,
  orderMoney,
  previewRefund,
  type RefundWish,
  refund,
} from '../../api/orders'
import { Panel, TextArea, TextInput } from '../../components/controls'
import { Failure } from '../../components/states'
import { Time } from '../../components/time'
import { money, toneOf, words } from '../../lib/format'
import { fieldErrors, problemText } from '../../lib/problem'
import { parseAmount } from '../resources/draft'
import { DuePayment } from './due'

/** Where the order's money is, and the way back for it. */
export function Refunds({ id, may, mayEdit }: { id: string; may: boolean; mayEdit: boolean }) {
  const found = useQuery({ ...orderMoney(id), retry: false })
  const [open, setOpen] = useState(false)
  // Nothing was sold yet, or this shop gives nothing back here.
  if (isApiError(found.error) && (found.error.status === 404 || found.error.status === 403)) return null
  if (found.isPending) return null
  if (!found.data)
    return <Failure error={found.error} retry={() => found.refetch()} title="The money could not be loaded" />
  const data = found.data
  const facts: [string, typeof data.total][] = [
    ['Total', data.total],
    ['Captured', data.captured],
    ['Refunded', data.refunded],
  ]
  if (data.as_credit.amount) facts.push(['Given back as store credit', data.as_credit])
  if (data.pending.amount) facts.push(['On its way back', data.pending])
  if (data.owed.amount)
    facts.push(
      data.owed.amount > 0
        ? ['Still to be paid', data.owed]
        : ['To be given back', { ...data.owed, amount: -data.owed.amount }],
    )
  return (
    <Panel
      title="Money"
      actions={
        may && data.refundable.amount > 0 ? (
          <Button size="sm" variant="outline" onClick={() => setOpen(true)}>
            Refund
          </Button>
        ) : null
      }
    >
      <dl className="divide-y">
        {facts.map(([label, value]) => (
          <div key={label} className="flex justify-between gap-4 px-4 py-2">
            <dt className="text-muted-foreground">{label}</dt>
            <dd className="tabular-nums">{money(value)}</dd>
          </div>
        ))}
      </dl>
      {data.due.amount > 0 ? <DuePayment id={id} may={mayEdit} /> : null}
      {data.refunds.length ? (
        <ul className="divide-y border-t">
          {data.refunds.map((entry) => (
            <li key={entry.id} className="px-4 py-2">
              <p className="flex flex-wrap items-center justify-between gap-2">
                <span className="flex items-center gap-2">
                  <Badge tone={toneOf(entry.state)}>{words(entry.state)}</Badge> {entry.reason}
                </span>
                <span className="tabular-nums">{money(entry.amount)}</span>
              </p>
              <p className="text-xs text-muted-foreground">
                {entry.staff} · <Time at={entry.created_at} />
              </p>
            </li>
          ))}
        </ul>
      ) : null}
      <Dialog open={open} onClose={() => setOpen(false)} title="Refund" closeLabel="Close">
        {open ? <RefundForm id={id} data={data} onDone={() => setOpen(false)} /> : null}
      </Dialog>
    </Panel>
  )
}

export type RefundDraft = {
  quantities: Record<string, string>
  shipping: boolean
  adjustment: string
  asStoreCredit?: boolean
}

/** What was typed as a wish, or what is wrong with it. Exported for tests. */
export function wishOf(
  data: OrderMoney,
  draft: RefundDraft,
): { wish: RefundWish } | { errors: Record<string, string> } {
  const errors: Record<string, string> = {}
  const { currency } = data.total
  const wish: RefundWish = { lines: [] }
  for (const line of data.lines) {
    const typed = (draft.quantities[line.line_id] ?? '').trim()
    if (!typed || typed === '0') continue
    const left = line.quantity - line.refunded
    if (!/^\d+$/.test(typed) || Number(typed) > left) errors[line.line_id] = `At most ${left}.`
    else wish.lines.push({ line_id: line.line_id, quantity: Number(typed) })
  }
  if (draft.shipping && data.shipping_left.amount > 0) wish.shipping = data.shipping_left
  if (draft.adjustment.trim()) {
    const amount = parseAmount(draft.adjustment, currencyExponent(currency))
    if (amount === null) errors.adjustment = 'Should be an amount, such as 10.00 or -5.00.'
    else if (amount !== 0) wish.adjustment = { amount, currency }
  }
  if (draft.asStoreCredit) wish.as_store_credit = true
  if (Object.keys(errors).length) return { errors }
  if (wish.lines.length === 0 && !wish.shipping && !wish.adjustment)
    return { errors: { form: 'Choose what is refunded.' } }
  return { wish }
}

/** What, then what it comes to as the server says, then yes. */
function RefundForm({ id, data, onDone }: { id: string; data: OrderMoney; onDone: () => void }) {
  const client = useQueryClient()
  const [draft, setDraft] = useState<RefundDraft>({ quantities: {}, shipping: false, adjustment: '' })
  const [reason, setReason] = useState('')
  const [errors, setErrors] = useState<Record<string, string>>({})
  const key = useRef(newIdempotencyKey())
  const preview = useMutation({
    mutationFn: (wish: RefundWish) => previewRefund(id, wish).then((seen) => ({ seen, wish })),
  })
  const grant = useMutation({
    mutationFn: ({ seen, wish }: NonNullable<typeof preview.data>) =>
      refund(id, wish, seen, reason.trim(), key.current),
    onSuccess: (after) => {
      client.setQueryData(orderMoney(id).queryKey, after)
      void client.invalidateQueries({ queryKey: deskOrder(id).queryKey })
      toast('The refund is on its way.', { tone: 'success' })
      onDone()
    },
    onError: (error) => {
      key.current = newIdempotencyKey()
      // Somebody was faster, or the sum is another one: look again before money moves.
      if (isApiError(error) && error.status === 409) {
        preview.reset()
        void client.invalidateQueries({ queryKey: orderMoney(id).queryKey })
      }
    },
  })
  const change = (next: RefundDraft) => {
    setDraft(next)
    setErrors({})
    preview.reset()
    grant.reset()
  }
  const look = () => {
    const made = wishOf(data, draft)
    if ('errors' in made) setErrors(made.errors)
    else preview.mutate(made.wish)
  }
  const seen = preview.data?.seen
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!preview.data) return look()
        if (!reason.trim()) setErrors({ reason: 'Say why, for the buyer and for the books.' })
        else if (!grant.isPending) grant.mutate(preview.data)
      }}
    >
      <fieldset className="space-y-2">
        <legend className="mb-1 text-sm font-medium">Units</legend>
        {data.lines.map((line) => {
          const left = line.quantity - line.refunded
          return (
            <div key={line.line_id} className="flex items-center gap-3">
              <span className="min-w-0 flex-1">
                {line.name} <span className="text-xs text-muted-foreground">{line.options_text}</span>
                {errors[line.line_id] ? (
                  <span className="block text-destructive">{errors[line.line_id]}</span>
                ) : null}
              </span>
              <TextInput
                inputMode="numeric"
                aria-label={`Units of ${line.name} ${line.options_text}`.trim()}
                className="w-16! text-right tabular-nums"
                disabled={left === 0}
                placeholder="0"
                aria-invalid={errors[line.line_id] ? true : undefined}
                value={draft.quantities[line.line_id] ?? ''}
                onChange={(event) =>
                  change({
                    ...draft,
                    quantities: { ...draft.quantities, [line.line_id]: event.target.value },
                  })
                }
              />
              <span className="w-14 text-muted-foreground tabular-nums">of {left}</span>
            </div>
          )
        })}
      </fieldset>
      {data.shipping_left.amount > 0 ? (
        <Checkbox
          label={`The delivery, ${money(data.shipping_left)}`}
          checked={draft.shipping}
          onChange={(event) => change({ ...draft, shipping: event.target.checked })}
        />
      ) : null}
      <Field
        label={`More or less, in ${data.total.currency}`}
        hint="Goodwill, or negative for a deduction."
        optional="optional"
        error={errors.adjustment}
      >
        <TextInput
          inputMode="decimal"
          className="text-right tabular-nums"
          value={draft.adjustment}
          onChange={(event) => change({ ...draft, adjustment: event.target.value })}
        />
      </Field>
      <Checkbox
        label="As store credit instead of money"
        checked={draft.asStoreCredit ?? false}
        onChange={(event) => change({ ...draft, asStoreCredit: event.target.checked })}
      />
      {errors.form ? <p className="text-destructive">{errors.form}</p> : null}
      {preview.error ? <Alert tone="error">{problemText(preview.error)}</Alert> : null}
      {seen ? (
        <>
          <div className="rounded-md bg-muted p-3">
            <p className="flex justify-between text-base font-semibold">
              <span>Refund</span>
              <span className="tabular-nums">{money(seen.total)}</span>
            </p>
            <ul className="text-muted-foreground">
              <li className="flex justify-between">
                <span>Tax in it</span>
                <span className="tabular-nums">{money(seen.tax)}</span>
              </li>
              {seen.parts.map((part) => (
                <li key={part.payment_id} className="flex justify-between">
                  <span>Back to {part.label}</span>
                  <span className="tabular-nums">{money(part.amount)}</span>
                </li>
              ))}
              {seen.as_credit.amount ? (
                <li className="flex justify-between">
                  <span>As store credit</span>
                  <span className="tabular-nums">{money(seen.as_credit)}</span>
                </li>
              ) : null}
              {seen.settles.amount ? (
                <li className="flex justify-between">
                  <span>Owed less, no money moves</span>
                  <span className="tabular-nums">{money(seen.settles)}</span>
                </li>
              ) : null}
            </ul>
          </div>
          {seen.within_limit ? null : (
            <Alert tone="warning">
              This is above the amount your role may decide. Somebody else has to grant it.
            </Alert>
          )}
          <Field label="Reason" error={errors.reason ?? fieldErrors(grant.error).reason}>
            <TextArea
              rows={2}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </Field>
        </>
      ) : null}
      {grant.error ? (
        <Alert tone="error" title="Not refunded">
          {problemText(grant.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end gap-2">
        {seen ? (
          <Button type="submit" size="sm" disabled={!seen.within_limit} pending={grant.isPending}>
            Refund {money(seen.total)}
          </Button>
        ) : (
          <Button type="submit" size="sm" variant="secondary" pending={preview.isPending}>
            See what it comes to
          </Button>
        )}
      </div>
    </form>
  )
}
