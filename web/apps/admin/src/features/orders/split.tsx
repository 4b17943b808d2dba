import { Alert, Button, Field, toast } from '@stoa/ui'
import { useState } from 'react'
import { useWarehouses } from '../../api/names'
import { type Shipment, splitShipment } from '../../api/orders'
import { Choice, TextInput } from '../../components/controls'
import { problemText } from '../../lib/problem'
import { useOnce } from '../../lib/use-once'

/** How many of each go into the new shipment, and from which warehouse. */
export function Split({ shipment, onDone }: { shipment: Shipment; onDone: () => void }) {
  const warehouses = useWarehouses()
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [warehouse, setWarehouse] = useState('')
  const [problem, setProblem] = useState('')
  const goods = new Map<string, { name: string; sku: string; quantity: number }>()
  for (const line of shipment.lines) {
    const same = goods.get(line.line_id)
    if (same) same.quantity += line.quantity
    else goods.set(line.line_id, { name: line.name, sku: line.sku, quantity: line.quantity })
  }
  const split = useOnce({
    act: (wish: { lines: { line_id: string; quantity: number }[]; warehouse: string }, key) =>
      splitShipment(shipment.id, wish.lines, wish.warehouse || undefined, key),
    done: () => {
      toast('A new shipment is planned.', { tone: 'success' })
      onDone()
    },
  })
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        const lines: { line_id: string; quantity: number }[] = []
        for (const [id, line] of goods) {
          const text = (typed[id] ?? '').trim()
          if (!text || text === '0') continue
          if (!/^\d+$/.test(text) || Number(text) > line.quantity)
            return setProblem(`Of ${line.sku} there are ${line.quantity}.`)
          lines.push({ line_id: id, quantity: Number(text) })
        }
        if (lines.length === 0) return setProblem('Say what goes into the new shipment.')
        setProblem('')
        if (!split.isPending) split.mutate({ lines, warehouse })
      }}
    >
      {[...goods].map(([id, line]) => (
        <div key={id} className="flex items-center gap-3">
          <span className="min-w-0 flex-1">
            {line.name} <span className="text-xs text-muted-foreground">{line.sku}</span>
          </span>
          <TextInput
            inputMode="numeric"
            aria-label={`Units of ${line.name} to move`}
            className="w-16! text-right tabular-nums"
            placeholder="0"
            value={typed[id] ?? ''}
            onChange={(event) => setTyped({ ...typed, [id]: event.target.value })}
          />
          <span className="w-14 text-muted-foreground tabular-nums">of {line.quantity}</span>
        </div>
      ))}
      {warehouses.length > 1 ? (
        <Field label="From">
          <Choice value={warehouse} onChange={(event) => setWarehouse(event.target.value)}>
            <option value="">The same warehouse</option>
            {warehouses
              .filter((entry) => entry.id !== shipment.warehouse_id)
              .map((entry) => (
                <option key={entry.id} value={entry.id}>
                  {entry.name}
                </option>
              ))}
          </Choice>
        </Field>
      ) : null}
      {problem ? <p className="text-destructive">{problem}</p> : null}
      {split.error ? (
        <Alert tone="error" title="Not split">
          {problemText(split.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end">
        <Button type="submit" size="sm" pending={split.isPending}>
          Move them
        </Button>
      </div>
    </form>
  )
}
