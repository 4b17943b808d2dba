import { Button } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type CartPreview, type CartWish, previewPromotion } from '../../api/previews'
import type { FieldKind } from '../../api/types'
import { Choice, Panel, TextInput } from '../../components/controls'
import { Heads, Sum } from '../../components/desk'
import { money } from '../../lib/format'
import { fieldErrors, problemText } from '../../lib/problem'
import type { Draft } from './draft'
import { FieldInput } from './fields'

export type Line = { key: number; variant: { id: string; label: string } | null; quantity: string }
const VARIANT: FieldKind = {
  name: 'variant',
  label: 'Goods',
  type: 'reference',
  resource: 'variants',
  required: true,
}

/** The lines that are filled in, as the API wants them. Exported for tests. */
export const cartOf = (lines: Line[]): CartWish['lines'] =>
  lines.filter(isComplete).map(({ variant, quantity }) => ({
    variant_id: variant?.id ?? '',
    quantity: Number.parseInt(quantity, 10),
  }))
const isComplete = ({ variant, quantity }: Line): boolean => variant !== null && Number(quantity) >= 1

/** What the API found wrong with a line: it counts only those that were sent. Exported for tests. */
export function problemOf(lines: Line[], line: Line, errors: Record<string, string>): string | undefined {
  const at = lines.filter(isComplete).indexOf(line)
  return errors[`lines.${at}.variant_id`] ?? errors[`lines.${at}.quantity`]
}

/** What a cart would cost with the saved promotion, as if it were on now; nothing is kept. */
export function PromotionPreview({ id }: { id: string }) {
  const [lines, setLines] = useState<Line[]>([{ key: 0, variant: null, quantity: '1' }])
  const [country, setCountry] = useState('DE')
  const [currency, setCurrency] = useState('EUR')
  const [next, setNext] = useState(1)
  const cart = cartOf(lines)
  const ask = useMutation({
    mutationFn: () => previewPromotion({ promotion_id: id, country, currency, lines: cart }),
  })
  const set = (key: number, change: Partial<Line>) =>
    setLines(lines.map((line) => (line.key === key ? { ...line, ...change } : line)))
  const errors = fieldErrors(ask.error)
  return (
    <Panel title="What a cart would cost">
      <div className="space-y-3 p-4">
        <ul className="space-y-3">
          {lines.map((line, index) => (
            <li key={line.key} className="flex items-end gap-2">
              <div className="min-w-0 flex-1">
                <FieldInput
                  field={VARIANT}
                  value={line.variant}
                  error={problemOf(lines, line, errors)}
                  onChange={(value: Draft) => set(line.key, { variant: value as Line['variant'] })}
                />
              </div>
              <TextInput
                aria-label={`Quantity of goods ${index + 1}`}
                inputMode="numeric"
                className="w-20 flex-none text-right tabular-nums"
                value={line.quantity}
                onChange={(event) => set(line.key, { quantity: event.target.value })}
              />
              <Button
                size="sm"
                variant="ghost"
                aria-label={`Remove goods ${index + 1}`}
                disabled={lines.length === 1}
                onClick={() => setLines(lines.filter((other) => other.key !== line.key))}
              >
                <Trash2 aria-hidden="true" className="size-4" />
              </Button>
            </li>
          ))}
        </ul>
        <div className="flex flex-wrap items-center gap-2">
          <Button
            size="sm"
            variant="ghost"
            onClick={() => {
              setLines([...lines, { key: next, variant: null, quantity: '1' }])
              setNext(next + 1)
            }}
          >
            <Plus aria-hidden="true" className="size-4" />
            More goods
          </Button>
          <Choice
            aria-label="To which country"
            value={country}
            className="ml-auto w-24"
            onChange={(event) => setCountry(event.target.value)}
          >
            {['DE', 'NL', 'FR', 'AT', 'BE', 'GB', 'CH'].map((code) => (
              <option key={code}>{code}</option>
            ))}
          </Choice>
          <Choice
            aria-label="In which currency"
            value={currency}
            className="w-24"
            onChange={(event) => setCurrency(event.target.value)}
          >
            {['EUR', 'GBP', 'CHF'].map((code) => (
              <option key={code}>{code}</option>
            ))}
          </Choice>
          <Button
            size="sm"
            variant="secondary"
            disabled={cart.length === 0}
            pending={ask.isPending}
            onClick={() => ask.mutate()}
          >
            Work it out
          </Button>
        </div>
        {ask.error && Object.keys(errors).length === 0 ? (
          <p role="alert" className="text-destructive">
            {problemText(ask.error)}
          </p>
        ) : null}
        {ask.data ? <PreviewedCart cart={ask.data} /> : null}
      </div>
    </Panel>
  )
}

/** The cart as it would be priced. Exported for tests. */
export function PreviewedCart({ cart }: { cart: CartPreview }) {
  return (
    <div className="space-y-3" aria-live="polite">
      <table className="grid-table">
        <caption className="sr-only">The cart</caption>
        <thead>
          <tr>
            <Heads
              of={[
                'Goods',
                { number: 'Quantity' },
                { number: 'Price' },
                { number: 'Off' },
                { number: 'Total' },
              ]}
            />
          </tr>
        </thead>
        <tbody>
          {cart.lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one answer, never reordered
            <tr key={index}>
              <td className="whitespace-normal!">
                {line.name} <span className="text-xs text-muted-foreground">{line.sku}</span>
              </td>
              <td className="number">{line.quantity}</td>
              <td className="number">{money(line.unit_price)}</td>
              <td className="number">{line.discount.amount ? money(line.discount) : ''}</td>
              <td className="number">{money(line.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="ml-auto max-w-xs space-y-1">
        <Sum label="Goods" value={cart.totals.subtotal} />
        {cart.promotions.map((applied) => (
          <Sum
            key={applied.name}
            label={applied.label || applied.name}
            value={{ ...applied.amount, amount: -applied.amount.amount }}
          />
        ))}
        <Sum label="Tax in it" value={cart.totals.tax} />
        <Sum label="Total" value={cart.totals.total} strong />
      </dl>
      <details>
        <summary className="cursor-pointer text-muted-foreground">How it came to this</summary>
        <ol className="mt-2 list-decimal space-y-0.5 pl-6 text-xs text-muted-foreground">
          {cart.steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one answer, never reordered
            <li key={index}>{step}</li>
          ))}
        </ol>
      </details>
    </div>
  )
}
