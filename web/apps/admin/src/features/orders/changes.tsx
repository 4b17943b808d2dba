import { newIdempotencyKey, type Order } from '@stoa/api-client'
import { Alert, Button, Checkbox, currencyExponent, Dialog, Field, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import {
  cancelOrder,
  deskOrder,
  type EditWish,
  editOrder,
  type OrderMoney,
  orderMoney,
  previewEdit,
} from '../../api/orders'
import { TextArea, TextInput } from '../../components/controls'
import { Failure, TableSkeleton } from '../../components/states'
import { money } from '../../lib/format'
import { fieldErrors, problemText } from '../../lib/problem'
import { isRefused, usePreviewed } from '../../lib/use-previewed'
import { parseAmount } from '../resources/draft'
import { type GoodsLine, GoodsLines, goodsOf } from '../resources/goods-lines'
import { ParticularFields, type Particulars, particularsOf } from './particulars'
import { SumBox, UnitFields } from './units'

const KEYS = ['desk', 'desk-order', 'order-money', 'order-due', 'proposal']

/** Buttons that change the order as a whole; once its goods have left, who is billed and where its mail goes. */
export function Changes({ id, gone = false }: { id: string; gone?: boolean }) {
  const [open, setOpen] = useState<'edit' | 'cancel' | null>(null)
  const close = () => setOpen(null)
  return (
    <>
      <Button size="sm" variant="outline" onClick={() => setOpen('edit')}>
        Change the order
      </Button>
      {gone ? null : (
        <Button size="sm" variant="outline" onClick={() => setOpen('cancel')}>
          Cancel the order
        </Button>
      )}
      <Dialog open={open === 'edit'} onClose={close} title="Change the order" closeLabel="Close">
        {open === 'edit' ? (
          <Loaded id={id}>
            {(data, order) => <EditForm id={id} data={data} order={order} gone={gone} onDone={close} />}
          </Loaded>
        ) : null}
      </Dialog>
      <Dialog open={open === 'cancel'} onClose={close} title="Cancel the order" closeLabel="Close">
        {open === 'cancel' ? (
          <Loaded id={id}>{(data) => <CancelForm id={id} data={data} onDone={close} />}</Loaded>
        ) : null}
      </Dialog>
    </>
  )
}

function Loaded({
  id,
  children,
}: {
  id: string
  children: (data: OrderMoney, order: Order) => React.ReactNode
}) {
  const found = useQuery(orderMoney(id))
  const detail = useQuery(deskOrder(id))
  if (found.isPending || detail.isPending) return <TableSkeleton rows={3} columns={2} />
  if (!found.data) return <Failure error={found.error} retry={() => found.refetch()} />
  if (!detail.data) return <Failure error={detail.error} retry={() => detail.refetch()} />
  return children(found.data, detail.data.order)
}

export type EditDraft = {
  quantities: Record<string, string>
  articles: GoodsLine[]
  shipping: string
  discount: string
  particulars?: Particulars
}

/** What was typed as changes, or what is wrong with it. Exported for tests. */
export function editOf(
  data: OrderMoney,
  draft: EditDraft,
  order?: Order,
): { wish: EditWish } | { errors: Record<string, string> } {
  const errors: Record<string, string> = {}
  const { currency } = data.total
  const wish: EditWish = { lines: [] }
  for (const line of data.lines) {
    const typed = (draft.quantities[line.line_id] ?? '').trim()
    if (!typed || Number(typed) === line.quantity) continue
    if (!/^\d{1,6}$/.test(typed)) errors[line.line_id] = 'Should be a number.'
    else wish.lines.push({ line_id: line.line_id, quantity: Number(typed) })
  }
  const articles = goodsOf(draft.articles)
  if (articles.length < draft.articles.length)
    errors.articles = 'Choose the goods and how many, or remove the line.'
  else if (articles.length) wish.articles = articles
  for (const name of ['shipping', 'discount'] as const) {
    if (!draft[name].trim()) continue
    const amount = parseAmount(draft[name], currencyExponent(currency))
    if (amount === null || amount < 0) errors[name] = 'Should be an amount, such as 10.00.'
    else wish[name] = { amount, currency }
  }
  const particulars = order ? particularsOf(order, draft.particulars ?? {}) : { wish: {} }
  if ('errors' in particulars) Object.assign(errors, particulars.errors)
  else Object.assign(wish, particulars.wish)
  if (Object.keys(errors).length) return { errors }
  if (wish.lines.length === 0 && Object.keys(wish).length === 1)
    return { errors: { form: 'Nothing is changed yet.' } }
  return { wish }
}

/** What, then what it does as the server says, then yes. */
function EditForm({
  id,
  data,
  order,
  gone,
  onDone,
}: {
  id: string
  data: OrderMoney
  order: Order
  gone: boolean
  onDone: () => void
}) {
  const client = useQueryClient()
  const [draft, setDraft] = useState<EditDraft>({
    quantities: {},
    articles: [],
    shipping: '',
    discount: '',
  })
  const [reason, setReason] = useState('')
  const [ask, setAsk] = useState(true)
  const [errors, setErrors] = useState<Record<string, string>>({})
  const { preview, action, seen, confirm, forget } = usePreviewed({
    look: (wish: EditWish) => previewEdit(id, data.version, wish),
    act: (shown, wish, key) => editOrder(id, wish, shown, reason.trim(), ask && shown.due.amount > 0, key),
    done: () => {
      for (const name of KEYS) void client.invalidateQueries({ queryKey: [name] })
      toast('The order is changed.', { tone: 'success' })
      onDone()
    },
    stale: () => void client.invalidateQueries({ queryKey: orderMoney(id).queryKey }),
  })
  const change = (next: EditDraft) => {
    setDraft(next)
    setErrors({})
    forget()
  }
  const short = seen?.stock.filter((entry) => entry.short_by > 0) ?? []
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (seen) return confirm()
        const made = editOf(data, draft, order)
        if ('errors' in made) setErrors(made.errors)
        else preview.mutate(made.wish)
      }}
    >
      {gone ? (
        <p className="text-muted-foreground">The goods have left: what comes back is a return.</p>
      ) : (
        <>
          <UnitFields
            lines={data.lines}
            typed={draft.quantities}
            errors={errors}
            placeholder={(line) => String(line.quantity)}
            onType={(quantities) => change({ ...draft, quantities })}
          />
          <fieldset>
            <legend className="mb-1 text-sm font-medium">Other goods, at today's price</legend>
            <GoodsLines
              lines={draft.articles}
              errors={fieldErrors(preview.error)}
              at="articles"
              least={0}
              onChange={(articles) => change({ ...draft, articles })}
            />
            {errors.articles ? <p className="text-destructive">{errors.articles}</p> : null}
          </fieldset>
          {(['shipping', 'discount'] as const).map((name) => (
            <Field
              key={name}
              label={
                name === 'shipping'
                  ? `Price of the delivery, in ${data.total.currency}`
                  : `Off the goods, in ${data.total.currency}`
              }
              optional="optional"
              error={errors[name]}
            >
              <TextInput
                inputMode="decimal"
                className="text-right tabular-nums"
                value={draft[name]}
                onChange={(event) => change({ ...draft, [name]: event.target.value })}
              />
            </Field>
          ))}
        </>
      )}
      <ParticularFields
        order={order}
        gone={gone}
        typed={draft.particulars ?? {}}
        errors={{ ...fieldErrors(preview.error), ...errors }}
        onType={(particulars) => change({ ...draft, particulars })}
      />
      {errors.form ? <p className="text-destructive">{errors.form}</p> : null}
      {preview.error ? <Alert tone="error">{problemText(preview.error)}</Alert> : null}
      {seen ? (
        <>
          <SumBox
            label="New total"
            total={seen.total}
            parts={[
              ...seen.lines
                .filter((line) => line.added)
                .map((line) => ({
                  key: line.line_id,
                  label: `${line.quantity} × ${line.name} (${line.sku})`,
                  value: line.total,
                })),
              { key: 'difference', label: 'Difference', value: seen.difference },
              { key: 'due', label: 'The buyer has to pay', value: seen.due },
              ...seen.parts.map((part) => ({
                key: part.payment_id,
                label: `Back to ${part.label}`,
                value: part.amount,
              })),
            ]}
            notes={[
              ...(seen.delivery ? [{ key: 'delivery', text: `Sent with ${seen.delivery.method_name}` }] : []),
              ...(seen.invoice
                ? [{ key: 'invoice', text: `Invoice ${seen.invoice} is credited and issued anew` }]
                : []),
              ...seen.shipments.map((shipment) => ({
                key: shipment.shipment_id,
                text: `Shipment ${shipment.number} is ${shipment.cancelled ? 'cancelled' : 'packed anew'}`,
              })),
            ]}
          />
          {short.length ? (
            <Alert tone="warning" title="There are not enough of these">
              {short.map((entry) => `${entry.sku}: ${entry.short_by} missing`).join(', ')}
            </Alert>
          ) : null}
          {seen.due.amount ? (
            <Checkbox
              label={`Mail the buyer a link to pay ${money(seen.due)}`}
              checked={ask}
              onChange={(event) => setAsk(event.target.checked)}
            />
          ) : null}
          <Field label="Reason" optional="optional" error={fieldErrors(action.error).reason}>
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
        <Alert tone="error" title="Not changed">
          {problemText(action.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button
          type="submit"
          size="sm"
          variant={seen ? 'primary' : 'secondary'}
          pending={preview.isPending || action.isPending}
        >
          {seen ? 'Change it like this' : 'See what it does'}
        </Button>
      </div>
    </form>
  )
}

function CancelForm({ id, data, onDone }: { id: string; data: OrderMoney; onDone: () => void }) {
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const [missing, setMissing] = useState(false)
  const key = useRef(newIdempotencyKey())
  const cancel = useMutation({
    mutationFn: () => cancelOrder(id, data.version, reason.trim(), key.current),
    onSuccess: () => {
      toast('The order is cancelled.', { tone: 'success' })
      onDone()
    },
    onError: (error) => {
      if (isRefused(error)) key.current = newIdempotencyKey()
    },
    onSettled: () => {
      for (const name of KEYS) void client.invalidateQueries({ queryKey: [name] })
    },
  })
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        setMissing(!reason.trim())
        if (reason.trim() && !cancel.isPending) cancel.mutate()
      }}
    >
      <p>
        Labels are given back to the carrier, the goods are free again, and what was paid goes back
        {data.captured.amount > 0 ? ` (${money(data.captured)} were captured)` : ''}.
      </p>
      <Field label="Reason" error={missing ? 'Say why, for the buyer and for the books.' : undefined}>
        <TextArea
          rows={2}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
      {cancel.error ? (
        <Alert tone="error" title="Not cancelled">
          {problemText(cancel.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end">
        <Button type="submit" size="sm" variant="destructive" pending={cancel.isPending}>
          Cancel the order
        </Button>
      </div>
    </form>
  )
}
