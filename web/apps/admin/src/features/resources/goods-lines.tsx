import { Button } from '@stoa/ui'
import { Plus, Trash2 } from 'lucide-react'
import type { FieldKind } from '../../api/types'
import { TextInput } from '../../components/controls'
import type { Draft } from './draft'
import { FieldInput } from './fields'

export type GoodsLine = { key: number; variant: { id: string; label: string } | null; quantity: string }

const VARIANT: FieldKind = {
  name: 'variant',
  label: 'Goods',
  type: 'reference',
  resource: 'variants',
  required: true,
}

/** A line to be filled in, beside those that are there. */
export const emptyLine = (lines: GoodsLine[]): GoodsLine => ({
  key: 1 + Math.max(-1, ...lines.map((line) => line.key)),
  variant: null,
  quantity: '1',
})

const isComplete = ({ variant, quantity }: GoodsLine): boolean => variant !== null && Number(quantity) >= 1

/** The lines that are filled in, as the API wants them. */
export const goodsOf = (lines: GoodsLine[]): { variant_id: string; quantity: number }[] =>
  lines.filter(isComplete).map(({ variant, quantity }) => ({
    variant_id: variant?.id ?? '',
    quantity: Number.parseInt(quantity, 10),
  }))

/** What the API found wrong with a line of its list `at`: it counts only those that were sent. Exported for tests. */
export function problemOf(
  lines: GoodsLine[],
  line: GoodsLine,
  at: string,
  errors: Record<string, string>,
): string | undefined {
  const place = lines.filter(isComplete).indexOf(line)
  return errors[`${at}.${place}.variant_id`] ?? errors[`${at}.${place}.quantity`]
}

/** Goods and how many of each. */
export function GoodsLines({
  lines,
  errors,
  at,
  least,
  onChange,
}: {
  lines: GoodsLine[]
  errors: Record<string, string>
  /** The name of the list in what the API is sent. */
  at: string
  /** So many lines stay. */
  least: number
  onChange: (lines: GoodsLine[]) => void
}) {
  const set = (key: number, change: Partial<GoodsLine>) =>
    onChange(lines.map((line) => (line.key === key ? { ...line, ...change } : line)))
  return (
    <div className="space-y-3">
      {lines.length ? (
        <ul className="space-y-3">
          {lines.map((line, index) => (
            <li key={line.key} className="flex items-end gap-2">
              <div className="min-w-0 flex-1">
                <FieldInput
                  field={VARIANT}
                  value={line.variant}
                  error={problemOf(lines, line, at, errors)}
                  onChange={(value: Draft) => set(line.key, { variant: value as GoodsLine['variant'] })}
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
                disabled={lines.length <= least}
                onClick={() => onChange(lines.filter((other) => other.key !== line.key))}
              >
                <Trash2 aria-hidden="true" className="size-4" />
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      <Button size="sm" variant="ghost" onClick={() => onChange([...lines, emptyLine(lines)])}>
        <Plus aria-hidden="true" className="size-4" />
        More goods
      </Button>
    </div>
  )
}
