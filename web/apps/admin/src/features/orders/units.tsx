import type { OrderMoney } from '../../api/orders'
import type { MoneyValue } from '../../api/types'
import { TextInput } from '../../components/controls'
import { money } from '../../lib/format'

type Line = OrderMoney['lines'][number]

/** A number of units for each line of an order. */
export function UnitFields({
  lines,
  typed,
  errors,
  placeholder,
  left,
  onType,
}: {
  lines: Line[]
  typed: Record<string, string>
  errors: Record<string, string>
  placeholder: (line: Line) => string
  /** At most so many; told beside the field. */
  left?: (line: Line) => number
  onType: (typed: Record<string, string>) => void
}) {
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1 text-sm font-medium">Units</legend>
      {lines.map((line) => {
        const most = left?.(line)
        const wrong = errors[line.line_id]
        return (
          <div key={line.line_id} className="flex items-center gap-3">
            <span className="min-w-0 flex-1">
              {line.name} <span className="text-xs text-muted-foreground">{line.options_text}</span>
              {wrong ? <span className="block text-destructive">{wrong}</span> : null}
            </span>
            <TextInput
              inputMode="numeric"
              aria-label={`Units of ${line.name} ${line.options_text}`.trim()}
              className="w-16! text-right tabular-nums"
              disabled={most === 0}
              placeholder={placeholder(line)}
              aria-invalid={wrong ? true : undefined}
              value={typed[line.line_id] ?? ''}
              onChange={(event) => onType({ ...typed, [line.line_id]: event.target.value })}
            />
            {most === undefined ? null : (
              <span className="w-14 text-muted-foreground tabular-nums">of {most}</span>
            )}
          </div>
        )
      })}
    </fieldset>
  )
}

/** What something comes to, and what that is made of; sums of nothing are left out. */
export function SumBox({
  label,
  total,
  parts,
  notes = [],
}: {
  label: string
  total: MoneyValue
  parts: { key: string; label: string; value: MoneyValue }[]
  notes?: { key: string; text: string }[]
}) {
  return (
    <div className="rounded-md bg-muted p-3">
      <p className="flex justify-between text-base font-semibold">
        <span>{label}</span>
        <span className="tabular-nums">{money(total)}</span>
      </p>
      <ul className="text-muted-foreground">
        {parts
          .filter(({ value }) => value.amount !== 0)
          .map((part) => (
            <li key={part.key} className="flex justify-between">
              <span>{part.label}</span>
              <span className="tabular-nums">{money(part.value)}</span>
            </li>
          ))}
        {notes.map((note) => (
          <li key={note.key}>{note.text}</li>
        ))}
      </ul>
    </div>
  )
}
