import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Alert, Button, Checkbox, currencyExponent, Field, toast } from '@stoa/ui'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { orderMoney } from '../../api/orders'
import { exchange, previewRefund, type RefundWish, type Return, refund } from '../../api/returns'
import { Panel, TextInput } from '../../components/controls'
import { money } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { isRefused, usePreviewed } from '../../lib/use-previewed'
import { SumBox } from '../orders/units'
import { parseAmount } from '../resources/draft'
import { CloseButton } from './close-button'
import { useChanged } from './use-changed'

/** Units that came, and were neither replaced nor refunded: a return may be opened again after that. */
const waiting = (line: Return['lines'][number]) => line.received - line.exchanged - line.refunded

/** What the buyer gets for what came: other goods, the money, or nothing. */
export function Outcome({ one, rights }: { one: Return; rights: { decide: boolean; refund: boolean } }) {
  const wanted = one.lines.filter((line) => line.exchange_text && waiting(line) > 0)
  return (
    <>
      {wanted.length > 0 && rights.decide && !one.replacement_id ? (
        <Exchange one={one} wanted={wanted} />
      ) : null}
      {rights.refund ? <Refund one={one} /> : null}
      {rights.decide && !rights.refund ? (
        <Panel title="Nothing to give?">
          <div className="p-4">
            <CloseButton one={one} />
          </div>
        </Panel>
      ) : null}
    </>
  )
}

function Exchange({ one, wanted }: { one: Return; wanted: Return['lines'] }) {
  const changed = useChanged(one)
  const key = useRef(newIdempotencyKey())
  const send = useMutation({
    mutationFn: () => exchange(one.id, key.current),
    onSuccess: (after) => {
      changed(after)
      toast(`Order ${after.replacement_number} brings the replacement.`, { tone: 'success' })
    },
    onError: (error) => {
      if (isRefused(error)) key.current = newIdempotencyKey()
      if (isApiError(error) && error.status === 409) changed()
    },
  })
  return (
    <Panel title="Exchange">
      <div className="space-y-3 p-4">
        <ul>
          {wanted.map((line) => (
            <li key={line.line_id}>
              {waiting(line)} × {line.name} <span className="text-muted-foreground">{line.options_text}</span>{' '}
              for <strong className="font-medium">{line.exchange_text}</strong> ({line.exchange_sku})
            </li>
          ))}
        </ul>
        <p className="text-muted-foreground">
          An order over nothing takes it from stock, for the order desk to pack. If it is sold out, or the
          buyer wants something else after all, refund instead.
        </p>
        {send.error ? <Alert tone="error">{problemText(send.error)}</Alert> : null}
        <Button size="sm" pending={send.isPending} onClick={() => send.mutate()}>
          Send the replacement
        </Button>
      </div>
    </Panel>
  )
}

function Refund({ one }: { one: Return }) {
  const changed = useChanged(one)
  const order = useQuery(orderMoney(one.order_id)).data
  const currency = order?.total.currency
  const [asCredit, setAsCredit] = useState(false)
  const [deduction, setDeduction] = useState('')
  const [wrong, setWrong] = useState('')
  const { preview, action, seen, confirm, forget } = usePreviewed({
    look: (wish: RefundWish) => previewRefund(one.id, wish),
    act: (shown, wish, key) => refund(one.id, wish, shown.total, key),
    done: (after) => {
      changed(after.return)
      toast('The refund is on its way.', { tone: 'success' })
    },
    stale: () => changed(),
  })
  const look = () => {
    if (!currency) return
    const amount = deduction.trim() ? parseAmount(deduction, currencyExponent(currency)) : 0
    if (amount === null || amount < 0) return setWrong('Should be an amount, such as 5.00.')
    preview.mutate({
      ...(amount > 0 ? { deduction: { amount, currency } } : {}),
      ...(asCredit ? { as_store_credit: true } : {}),
    })
  }
  return (
    <Panel title="Refund" actions={<CloseButton one={one} />}>
      <form
        className="space-y-3 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (seen) confirm()
          else look()
        }}
      >
        <ul>
          {one.lines
            .filter((line) => waiting(line) > 0)
            .map((line) => (
              <li key={line.line_id}>
                {waiting(line)} × {line.name}{' '}
                <span className="text-muted-foreground">{line.options_text}</span>
              </li>
            ))}
        </ul>
        <Field
          label={`Less, in ${currency ?? '…'}`}
          hint="For the condition it came in."
          optional="optional"
          error={wrong || undefined}
        >
          <TextInput
            inputMode="decimal"
            className="max-w-40 text-right tabular-nums"
            value={deduction}
            onChange={(event) => {
              setDeduction(event.target.value)
              setWrong('')
              forget()
            }}
          />
        </Field>
        <Checkbox
          label={
            order?.gift_card_to
              ? `As a gift card instead of money, mailed to ${order.gift_card_to}`
              : 'As store credit instead of money'
          }
          checked={asCredit}
          onChange={(event) => {
            setAsCredit(event.target.checked)
            forget()
          }}
        />
        {preview.error ? <Alert tone="error">{problemText(preview.error)}</Alert> : null}
        {seen ? (
          <SumBox
            label="Refund"
            total={seen.total}
            parts={[
              {
                key: 'credit',
                label: seen.gift_card_to ? `As a gift card, to ${seen.gift_card_to}` : 'As store credit',
                value: seen.as_credit,
              },
            ]}
          />
        ) : null}
        {action.error ? (
          <Alert tone="error" title="Not refunded">
            {problemText(action.error)}
          </Alert>
        ) : null}
        {seen ? (
          <Button type="submit" size="sm" pending={action.isPending}>
            Refund {money(seen.total)}
          </Button>
        ) : (
          <Button
            type="submit"
            size="sm"
            variant="secondary"
            disabled={!currency}
            pending={preview.isPending}
          >
            See what it comes to
          </Button>
        )}
      </form>
    </Panel>
  )
}
