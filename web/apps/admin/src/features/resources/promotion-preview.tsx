import { Button } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { request } from '../../api/request'
import type { FieldKind, MoneyValue } from '../../api/types'
import { Choice, Panel, TextInput } from '../../components/controls'
import { money } from '../../lib/format'
import { fieldErrors, problemText } from '../../lib/problem'
import type { Draft } from './draft'
import { FieldInput } from './fields'

type Line = { key: number; variant: { id: string; label: string } | null; quantity: string }
type Answer = {
  lines: {
    name: string
    sku: string
    quantity: number
    unit_price: MoneyValue
    discount: MoneyValue
    total: MoneyValue
  }[]
  promotions: { name: string; label: string; amount: MoneyValue }[]
  totals: {
    subtotal: MoneyValue
    discount: MoneyValue
    shipping?: MoneyValue | null
    tax: MoneyValue
    total: MoneyValue
  }
  steps: string[]
}
const VARIANT: FieldKind = {
  name: 'variant',
  label: 'Goods',
  type: 'reference',
  resource: 'variants',
  required: true,
}

/** What a cart would cost with the saved promotion, as if it were on now; nothing is kept. */
export function PromotionPreview({ id }: { id: string }) {
  const [lines, setLines] = useState<Line[]>([{ key: 0, variant: null, quantity: '1' }])
  const [country, setCountry] = useState('DE')
  const [currency, setCurrency] = useState('EUR')
  const [next, setNext] = useState(1)
  const complete = lines.filter((line) => line.variant && Number(line.quantity) >= 1)
  const ask = useMutation({
    mutationFn: () =>
      request<Answer>('POST', '/promotion-preview', {
        body: {
          promotion_id: id,
          country,
          currency,
          lines: complete.map((line) => ({
            variant_id: line.variant?.id,
            quantity: Number.parseInt(line.quantity, 10),
          })),
        },
      }),
  })
  const set = (key: number, change: Partial<Line>) =>
    setLines(lines.map((line) => (line.key === key ? { ...line, ...change } : line)))
  const errors = fieldErrors(ask.error)
  const wrong = (index: number) => errors[`lines.${index}.variant_id`] ?? errors[`lines.${index}.quantity`]
  const answer = ask.data
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
                  error={wrong(index)}
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
            disabled={complete.length === 0}
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
        {answer ? (
          <div className="space-y-3" aria-live="polite">
            <table className="grid-table">
              <caption className="sr-only">The cart</caption>
              <thead>
                <tr>
                  <th scope="col">Goods</th>
                  <th scope="col" className="number">
                    Quantity
                  </th>
                  <th scope="col" className="number">
                    Price
                  </th>
                  <th scope="col" className="number">
                    Off
                  </th>
                  <th scope="col" className="number">
                    Total
                  </th>
                </tr>
              </thead>
              <tbody>
                {answer.lines.map((line, index) => (
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
              <Sum label="Goods" value={answer.totals.subtotal} />
              {answer.promotions.map((applied) => (
                <Sum
                  key={applied.name}
                  label={applied.label || applied.name}
                  value={{ ...applied.amount, amount: -applied.amount.amount }}
                />
              ))}
              <Sum label="Tax in it" value={answer.totals.tax} />
              <Sum label="Total" value={answer.totals.total} strong />
            </dl>
            <details>
              <summary className="cursor-pointer text-muted-foreground">How it came to this</summary>
              <ol className="mt-2 list-decimal space-y-0.5 pl-6 text-xs text-muted-foreground">
                {answer.steps.map((step, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: one answer, never reordered
                  <li key={index}>{step}</li>
                ))}
              </ol>
            </details>
          </div>
        ) : null}
      </div>
    </Panel>
  )
}

const Sum = ({ label, value, strong }: { label: string; value: MoneyValue; strong?: boolean }) => (
  <div className={strong ? 'flex justify-between gap-4 font-semibold' : 'flex justify-between gap-4'}>
    <dt className={strong ? '' : 'text-muted-foreground'}>{label}</dt>
    <dd className="tabular-nums">{money(value)}</dd>
  </div>
)
