import { Button } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { type CartPreview, previewPromotion } from '../../api/previews'
import { Choice, Panel } from '../../components/controls'
import { Heads, Sum } from '../../components/desk'
import { countryName, money } from '../../lib/format'
import { fieldErrors, problemText } from '../../lib/problem'
import { emptyLine, type GoodsLine, GoodsLines, goodsOf } from './goods-lines'

/** What a cart would cost with the saved promotion, as if it were on now; nothing is kept. */
export function PromotionPreview({ id }: { id: string }) {
  const [lines, setLines] = useState<GoodsLine[]>([emptyLine([])])
  const [country, setCountry] = useState('DE')
  const [currency, setCurrency] = useState('EUR')
  const cart = goodsOf(lines)
  const ask = useMutation({
    mutationFn: () => previewPromotion({ promotion_id: id, country, currency, lines: cart }),
  })
  const errors = fieldErrors(ask.error)
  return (
    <Panel title="What a cart would cost">
      <div className="space-y-3 p-4">
        <GoodsLines lines={lines} errors={errors} at="lines" least={1} onChange={setLines} />
        <div className="flex flex-wrap items-center justify-end gap-2">
          <Choice
            aria-label="To which country"
            value={country}
            className="w-40"
            onChange={(event) => setCountry(event.target.value)}
          >
            {['DE', 'NL', 'FR', 'AT', 'BE', 'GB', 'CH'].map((code) => (
              <option key={code} value={code}>
                {countryName(code)}
              </option>
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
