import { isApiError } from '@stoa/api-client'
import { Alert, Button, Checkbox, currencyExponent, Field, toast } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { orderMoney } from '../../api/orders'
import { exchange, previewRefund, type RefundWish, type Return, refund } from '../../api/returns'
import { Panel, TextInput } from '../../components/controls'
import { money } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { useOnce } from '../../lib/use-once'
import { usePreviewed } from '../../lib/use-previewed'
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
  const send = useOnce({
    act: (_nothing: undefined, key) => exchange(one.id, key),
    done: (after) => {
      changed(after)
      toast(`Order ${after.replacement_number} brings the replacement.`, { tone: 'success' })
    },
    failed: (error) => {
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
        <Button size="sm" pending={send.isPending} onClick={() => send.mutate(undefined)}>
          Send the replacement
        </Button>
      </div>
    </Panel>
  )
}

/** What was typed as amounts, or what is wrong with it. Exported for tests. */
export function refundWishOf(
  typed: { shipping: string; deduction: string },
  currency: string,
): { wish: RefundWish } | { wrong: Partial<typeof typed> } {
  const wish: RefundWish = {}
  const wrong: Partial<typeof typed> = {}
  for (const name of ['shipping', 'deduction'] as const) {
    if (!typed[name].trim()) continue
    const amount = parseAmount(typed[name], currencyExponent(currency))
    if (amount === null || amount < 0) wrong[name] = 'Should be an amount, such as 5.00.'
    else if (amount > 0) wish[name] = { amount, currency }
  }
  return Object.keys(wrong).length ? { wrong } : { wish }
}

function Refund({ one }: { one: Return }) {
  const changed = useChanged(one)
  const sums = useQuery(orderMoney(one.order_id)).data
  const currency = sums?.total.currency
  const [asCredit, setAsCredit] = useState(false)
  const [typed, setTyped] = useState({ shipping: '', deduction: '' })
  const [wrong, setWrong] = useState<Partial<typeof typed>>({})
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
    const made = refundWishOf(typed, currency)
    if ('wrong' in made) setWrong(made.wrong)
    else preview.mutate(asCredit ? { ...made.wish, as_store_credit: true } : made.wish)
  }
  const amount = (name: keyof typeof typed, label: string, hint: string) => (
    <Field
      label={`${label}, in ${currency ?? '…'}`}
      hint={hint}
      optional="optional"
      className="max-w-64"
      error={wrong[name]}
    >
      <TextInput
        inputMode="decimal"
        className="text-right tabular-nums"
        value={typed[name]}
        onChange={(event) => {
          setTyped({ ...typed, [name]: event.target.value })
          setWrong({})
          forget()
        }}
      />
    </Field>
  )
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
        {sums && sums.shipping_left.amount > 0
          ? amount(
              'shipping',
              'Of the delivery',
              `On top of the goods; ${money(sums.shipping_left)} at most.`,
            )
          : null}
        {amount('deduction', 'Less', 'For the condition it came in.')}
        <Checkbox
          label={
            sums?.gift_card_to
              ? `As a gift card instead of money, mailed to ${sums.gift_card_to}`
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
