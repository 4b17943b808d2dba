import { Alert, Button, toast } from '@stoa/ui'
import { useState } from 'react'
import { bookIn, type Shipment } from '../../api/orders'
import { TextInput } from '../../components/controls'
import { problemText } from '../../lib/problem'
import { useOnce } from '../../lib/use-once'

type Back = { id: string; name: string; sku: string; quantity: number }

/** What is in the parcels that did not arrive, by line of the order. */
export function cameBack(shipment: Shipment): Back[] {
  const arrived = new Set(
    shipment.parcels.filter(({ state }) => state === 'delivered').map(({ position }) => position),
  )
  const lines = new Map<string, Back>()
  for (const { parcel, line_id, name, sku, quantity } of shipment.lines) {
    if (arrived.has(parcel)) continue
    const same = lines.get(line_id)
    if (same) same.quantity += quantity
    else lines.set(line_id, { id: line_id, name, sku, quantity })
  }
  return [...lines.values()]
}

/** Whether somebody has to say what became of its goods. */
export const isInTrouble = (shipment: Shipment): boolean =>
  (shipment.state === 'returned' || shipment.state === 'exception') &&
  Boolean(shipment.left_at) &&
  !shipment.booked_in_at

/** How many of each go to stock; the others are written off. */
export function BookIn({ shipment, onDone }: { shipment: Shipment; onDone: () => void }) {
  const lines = cameBack(shipment)
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [problem, setProblem] = useState('')
  const book = useOnce({
    act: (restocked: { line_id: string; restocked: number }[], key) => bookIn(shipment.id, restocked, key),
    done: () => {
      toast('Booked in. Its goods can be sent again, or refunded.', { tone: 'success' })
      onDone()
    },
  })
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        const restocked = lines.map(({ id, quantity }) => ({
          line_id: id,
          restocked: Number(typed[id] ?? quantity),
        }))
        const wrong = lines.find(({ quantity }, index) => {
          const units = restocked[index]?.restocked ?? 0
          return !Number.isInteger(units) || units < 0 || units > quantity
        })
        setProblem(wrong ? `Of ${wrong.name} between 0 and ${wrong.quantity} can go to stock.` : '')
        if (!wrong && !book.isPending) book.mutate(restocked)
      }}
    >
      {lines.map(({ id, name, sku, quantity }) => (
        <div key={id} className="flex items-center gap-3">
          <span className="min-w-0 flex-1">
            {name} <span className="text-xs text-muted-foreground">{sku}</span>
          </span>
          <TextInput
            inputMode="numeric"
            aria-label={`Units of ${name} that go to stock`}
            className="w-16! text-right tabular-nums"
            value={typed[id] ?? String(quantity)}
            onChange={(event) => setTyped({ ...typed, [id]: event.target.value })}
          />
          <span className="w-20 text-muted-foreground tabular-nums">of {quantity} to stock</span>
        </div>
      ))}
      <p className="text-muted-foreground">
        The others are written off. What was not refunded waits to be sent again.
      </p>
      {problem ? <p className="text-destructive">{problem}</p> : null}
      {book.error ? (
        <Alert tone="error" title="Not booked in">
          {problemText(book.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end">
        <Button type="submit" size="sm" pending={book.isPending}>
          Book it in
        </Button>
      </div>
    </form>
  )
}
