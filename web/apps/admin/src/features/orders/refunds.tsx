import { isApiError } from '@stoa/api-client'
import { Alert, Badge, Button, Checkbox, currencyExponent, Dialog, Field, toast } from '@stoa/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
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
import { Link } from '../../lib/router'
import { usePreviewed } from '../../lib/use-previewed'
import { parseAmount } from '../resources/draft'
import { DuePayment } from './due'
import { PayOut } from './pay-out'
import { SumBox, UnitFields } from './units'

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
  if (data.as_credit.amount) facts.push([`Given back ${asCredit(data)}`, data.as_credit])
  if (data.written_off.amount) facts.push(['Accepted as a loss', data.written_off])
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
      {data.payable.amount > 0 && may ? <PayOut id={id} data={data} /> : null}
      {data.refunds.length ? (
        <ul className="divide-y border-t">
          {data.refunds.map((entry) => (
            <li key={entry.id} className="px-4 py-2">
              <p className="flex items-baseline justify-between gap-2">
                <span className="min-w-0">
                  <Badge tone={toneOf(entry.state)} className="mr-2">
                    {words(entry.state)}
                  </Badge>
                  {entry.reason}
                </span>
                <span className="flex-none tabular-nums">{money(entry.amount)}</span>
              </p>
              <p className="text-xs text-muted-foreground">
                {entry.staff} · <Time at={entry.created_at} />
              </p>
              {entry.as_credit.amount ? (
                <p className="text-xs text-muted-foreground">
                  {money(entry.as_credit)}{' '}
                  {entry.gift_card_id ? (
                    <Link href="/gift-cards" className="underline decoration-border underline-offset-4">
                      as a gift card
                    </Link>
                  ) : (
                    'as store credit'
                  )}
                </p>
              ) : null}
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

/** What store credit is for this order's buyer. */
export const asCredit = ({ gift_card_to }: Pick<OrderMoney, 'gift_card_to'>): string =>
  gift_card_to ? 'as a gift card' : 'as store credit'

export type RefundDraft = {
  quantities: Record<string, string>
  shipping: boolean
  adjustment: string
  asStoreCredit?: boolean
  stillSent?: boolean
}

/** Whether units that are chosen may be here yet: then somebody says whether they go all the same. Exported for tests. */
export const holdsUnsent = (data: Pick<OrderMoney, 'lines'>, { quantities }: RefundDraft): boolean =>
  data.lines.some(
    ({ line_id, quantity, shipped }) => shipped < quantity && Number(quantities[line_id] ?? 0) > 0,
  )

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
  if (draft.stillSent && holdsUnsent(data, draft)) wish.still_sent = true
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
  const { preview, action, seen, confirm, forget } = usePreviewed({
    look: (wish: RefundWish) => previewRefund(id, wish),
    act: (shown, wish, key) => refund(id, wish, shown, reason.trim(), key),
    done: (after) => {
      client.setQueryData(orderMoney(id).queryKey, after)
      void client.invalidateQueries({ queryKey: deskOrder(id).queryKey })
      toast('The refund is on its way.', { tone: 'success' })
      onDone()
    },
    stale: () => void client.invalidateQueries({ queryKey: orderMoney(id).queryKey }),
  })
  const change = (next: RefundDraft) => {
    setDraft(next)
    setErrors({})
    forget()
  }
  const look = () => {
    const made = wishOf(data, draft)
    if ('errors' in made) setErrors(made.errors)
    else preview.mutate(made.wish)
  }
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!seen) return look()
        if (!reason.trim()) setErrors({ reason: 'Say why, for the buyer and for the books.' })
        else confirm()
      }}
    >
      <UnitFields
        lines={data.lines}
        typed={draft.quantities}
        errors={errors}
        placeholder={() => '0'}
        left={(line) => line.quantity - line.refunded}
        onType={(quantities) => change({ ...draft, quantities })}
      />
      {holdsUnsent(data, draft) ? (
        <Checkbox
          label="They are sent all the same"
          hint="Without this, units that have not left stay here, and back on sale."
          checked={draft.stillSent ?? false}
          onChange={(event) => change({ ...draft, stillSent: event.target.checked })}
        />
      ) : null}
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
        label={
          data.gift_card_to
            ? `As a gift card instead of money, mailed to ${data.gift_card_to}`
            : 'As store credit instead of money'
        }
        checked={draft.asStoreCredit ?? false}
        onChange={(event) => change({ ...draft, asStoreCredit: event.target.checked })}
      />
      {errors.form ? <p className="text-destructive">{errors.form}</p> : null}
      {preview.error ? <Alert tone="error">{problemText(preview.error)}</Alert> : null}
      {seen ? (
        <>
          <SumBox
            label="Refund"
            total={seen.total}
            parts={[
              { key: 'tax', label: 'Tax in it', value: seen.tax },
              ...seen.parts.map((part) => ({
                key: part.payment_id,
                label: `Back to ${part.label}`,
                value: part.amount,
              })),
              {
                key: 'credit',
                label: seen.gift_card_to ? `As a gift card, to ${seen.gift_card_to}` : 'As store credit',
                value: seen.as_credit,
              },
              { key: 'settles', label: 'Owed less, no money moves', value: seen.settles },
            ]}
          />
          {seen.within_limit ? null : (
            <Alert tone="warning">
              This is above the amount your role may decide. Somebody else has to grant it.
            </Alert>
          )}
          <Field label="Reason" error={errors.reason ?? fieldErrors(action.error).reason}>
            <TextArea
              rows={2}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </Field>
        </>
      ) : null}
      {action.error ? (
        <Alert tone="error" title="Not refunded">
          {problemText(action.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end gap-2">
        {seen ? (
          <Button type="submit" size="sm" disabled={!seen.within_limit} pending={action.isPending}>
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
