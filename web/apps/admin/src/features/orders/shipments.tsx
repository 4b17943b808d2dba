import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Alert, Badge, Button, Dialog, Field, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { FileText } from 'lucide-react'
import { useRef, useState } from 'react'
import { useWarehouses } from '../../api/names'
import {
  actOnShipment,
  announce,
  deskOrder,
  labelHref,
  planShipments,
  proposal,
  type Shipment,
  splitShipment,
} from '../../api/orders'
import { Confirm } from '../../components/confirm'
import { Choice, Panel, TextInput } from '../../components/controls'
import { Failure, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { carrierName, money, toneOf, words } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { BookIn, isInTrouble } from './book-in'
import { EndByHand, isByHand, SendByHand } from './by-hand'
import { CorrectAddress } from './correct-address'

/** Where the goods are: what is planned, labelled, on its way; and the next step of each. */
export function Shipments({
  id,
  shipments,
  open,
  may,
}: {
  id: string
  shipments: Shipment[]
  open: boolean
  may: boolean
}) {
  const client = useQueryClient()
  const [planning, setPlanning] = useState(false)
  const [held, setHeld] = useState<{ ids: string[]; why: string } | null>(null)
  const refresh = () => {
    void client.invalidateQueries({ queryKey: deskOrder(id).queryKey })
    void client.invalidateQueries({ queryKey: ['desk'] })
  }
  const waiting = shipments.filter((shipment) => shipment.state === 'planned' || shipment.state === 'failed')
  const label = useMutation({
    mutationFn: ({ ids, anyway }: { ids: string[]; anyway?: boolean }) =>
      announce(ids, newIdempotencyKey(), anyway),
    onSuccess: (answer) => {
      const unpaid = answer.items.filter((item) => item.code === 'orders.money_due')
      setHeld(
        unpaid.length ? { ids: unpaid.map((item) => item.shipment_id), why: unpaid[0]?.message ?? '' } : null,
      )
      if (unpaid.length) return
      const made = answer.items.filter((item) => item.labelled).length
      if (made === answer.items.length)
        toast(made === 1 ? 'The label is there.' : `${made} labels are there.`, { tone: 'success' })
      else {
        const reason = answer.items.find((item) => !item.labelled)
        toast(
          `${made} of ${answer.items.length} labels were made. ${reason?.message ?? reason?.shipment?.problems[0]?.message ?? ''}`,
          { tone: 'error' },
        )
      }
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: refresh,
  })
  return (
    <Panel
      title="Shipments"
      actions={
        may ? (
          <span className="flex gap-2">
            {waiting.length > 1 ? (
              <Button
                size="sm"
                variant="secondary"
                pending={label.isPending}
                onClick={() => label.mutate({ ids: waiting.map((entry) => entry.id) })}
              >
                Make all labels
              </Button>
            ) : null}
            {open ? (
              <Button
                size="sm"
                // What is to be done next with an order that waits.
                variant={shipments.length === 0 ? 'primary' : 'outline'}
                onClick={() => setPlanning(true)}
              >
                Plan shipments
              </Button>
            ) : null}
          </span>
        ) : null
      }
    >
      {shipments.length === 0 ? (
        <p className="px-4 py-3 text-muted-foreground">
          {open ? 'Nothing is planned yet.' : 'Nothing was sent.'}
        </p>
      ) : null}
      <ul className="divide-y">
        {shipments.map((shipment) => (
          <li key={shipment.id} className="px-4 py-3">
            <One
              shipment={shipment}
              may={may}
              refresh={refresh}
              label={() => label.mutate({ ids: [shipment.id] })}
              labelling={label.isPending}
            />
          </li>
        ))}
      </ul>
      <Confirm
        open={held !== null}
        title="Send it although money is due?"
        confirmLabel="Make the label all the same"
        danger
        pending={label.isPending}
        onClose={() => setHeld(null)}
        onConfirm={() => {
          if (held) label.mutate({ ids: held.ids, anyway: true })
        }}
      >
        {held?.why}
      </Confirm>
      <Dialog open={planning} onClose={() => setPlanning(false)} title="Plan shipments" closeLabel="Close">
        {planning ? (
          <Plan
            id={id}
            onDone={() => {
              setPlanning(false)
              refresh()
            }}
          />
        ) : null}
      </Dialog>
    </Panel>
  )
}

function One({
  shipment,
  may,
  refresh,
  label,
  labelling,
}: {
  shipment: Shipment
  may: boolean
  refresh: () => void
  label: () => void
  labelling: boolean
}) {
  const [asking, setAsking] = useState(false)
  const [correcting, setCorrecting] = useState(false)
  const [splitting, setSplitting] = useState(false)
  const [booking, setBooking] = useState(false)
  const [sending, setSending] = useState(false)
  const act = useMutation({
    mutationFn: (what: 'cancel' | 'hand-over') => actOnShipment(shipment.id, what),
    onSuccess: (_after, what) =>
      toast(what === 'cancel' ? 'Cancelled; its goods can be sent again.' : 'Marked as handed over.'),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: () => {
      setAsking(false)
      refresh()
    },
  })
  const { state } = shipment
  const unlabelled = state === 'planned' || state === 'failed'
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="font-medium">
          {shipment.order_number}-{shipment.number}
        </span>
        <Badge tone={toneOf(state)}>{words(state)}</Badge>
        <span className="text-muted-foreground">{carrierName(shipment.carrier)}</span>
        {may ? (
          <span className="ml-auto flex flex-wrap gap-2">
            {unlabelled ? (
              <Button size="sm" variant="secondary" pending={labelling} onClick={label}>
                {state === 'failed' ? 'Try the label again' : 'Make the label'}
              </Button>
            ) : null}
            {state === 'labelled' ? (
              <Button
                size="sm"
                variant="secondary"
                pending={act.isPending}
                onClick={() => act.mutate('hand-over')}
              >
                Handed over
              </Button>
            ) : null}
            {unlabelled ? (
              <Button size="sm" variant="outline" onClick={() => setCorrecting(true)}>
                Correct the address
              </Button>
            ) : null}
            {unlabelled ? (
              <Button size="sm" variant="ghost" onClick={() => setSending(true)}>
                Without a label
              </Button>
            ) : null}
            <EndByHand shipment={shipment} refresh={refresh} />
            {unlabelled ? (
              <Button size="sm" variant="ghost" onClick={() => setSplitting(true)}>
                Split
              </Button>
            ) : null}
            {isInTrouble(shipment) ? (
              <Button size="sm" variant="secondary" onClick={() => setBooking(true)}>
                Book it in
              </Button>
            ) : null}
            {unlabelled || state === 'labelled' ? (
              <Button size="sm" variant="ghost" onClick={() => setAsking(true)}>
                Cancel
              </Button>
            ) : null}
          </span>
        ) : null}
      </div>
      {shipment.problems.length ? (
        <Alert tone="error" className="mt-2" title="The carrier refused it">
          {shipment.problems.map((problem) => problem.message).join(' ')}
        </Alert>
      ) : null}
      <ul className="mt-2 space-y-0.5">
        {shipment.lines.map((line) => (
          <li key={`${line.parcel}/${line.line_id}`}>
            <span className="tabular-nums">{line.quantity} ×</span> {line.name}{' '}
            <span className="text-xs text-muted-foreground">
              {line.sku}
              {shipment.parcels.length > 1 ? `, parcel ${line.parcel}` : ''}
            </span>
          </li>
        ))}
      </ul>
      <ul className="mt-1.5 space-y-0.5 text-muted-foreground">
        {shipment.parcels.map((parcel) => (
          <li key={parcel.position} className="flex flex-wrap items-center gap-x-3">
            <span>
              Parcel {parcel.position}, {(parcel.weight_grams / 1000).toFixed(1)} kg
            </span>
            {parcel.tracking_number ? (
              parcel.tracking_url ? (
                <a
                  href={parcel.tracking_url}
                  target="_blank"
                  rel="noreferrer"
                  className="underline underline-offset-4"
                >
                  {parcel.tracking_number}
                </a>
              ) : (
                <span>{parcel.tracking_number}</span>
              )
            ) : null}
            {parcel.tracking_number && may && state !== 'cancelled' && !isByHand(shipment) ? (
              <a
                href={labelHref(shipment.id, parcel.position)}
                target="_blank"
                rel="noreferrer"
                className="inline-flex items-center gap-1 underline underline-offset-4"
              >
                <FileText aria-hidden="true" className="size-4" />
                Label
              </a>
            ) : null}
            <span>{parcel.status}</span>
          </li>
        ))}
      </ul>
      {shipment.left_at ? (
        <p className="mt-1 text-xs text-muted-foreground">
          Left <Time at={shipment.left_at} />
          {shipment.booked_in_at ? (
            <>
              , came back and was booked in <Time at={shipment.booked_in_at} />
            </>
          ) : null}
        </p>
      ) : null}
      <SendByHand
        shipment={sending ? shipment : null}
        onClose={(sent) => {
          setSending(false)
          if (sent) {
            toast('It has left.', { tone: 'success' })
            refresh()
          }
        }}
      />
      <CorrectAddress
        shipment={correcting ? shipment : null}
        onClose={(corrected) => {
          setCorrecting(false)
          if (corrected) {
            toast('The address is corrected. The label can be made again.', { tone: 'success' })
            refresh()
          }
        }}
      />
      <Dialog
        open={splitting}
        onClose={() => setSplitting(false)}
        title="Move goods to a new shipment"
        closeLabel="Close"
      >
        {splitting ? (
          <Split
            shipment={shipment}
            onDone={() => {
              setSplitting(false)
              refresh()
            }}
          />
        ) : null}
      </Dialog>
      <Dialog
        open={booking}
        onClose={() => setBooking(false)}
        title="Book in what came back"
        closeLabel="Close"
      >
        {booking ? (
          <BookIn
            shipment={shipment}
            onDone={() => {
              setBooking(false)
              refresh()
            }}
          />
        ) : null}
      </Dialog>
      <Confirm
        open={asking}
        title="Cancel this shipment?"
        confirmLabel="Cancel the shipment"
        danger
        pending={act.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => act.mutate('cancel')}
      >
        Its label is given back, and its goods can be put into another one.
      </Confirm>
    </div>
  )
}

/** How many of each go into the new shipment, and from which warehouse. */
function Split({ shipment, onDone }: { shipment: Shipment; onDone: () => void }) {
  const warehouses = useWarehouses()
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [warehouse, setWarehouse] = useState('')
  const [problem, setProblem] = useState('')
  const key = useRef(newIdempotencyKey())
  const goods = new Map<string, { name: string; sku: string; quantity: number }>()
  for (const line of shipment.lines) {
    const same = goods.get(line.line_id)
    if (same) same.quantity += line.quantity
    else goods.set(line.line_id, { name: line.name, sku: line.sku, quantity: line.quantity })
  }
  const split = useMutation({
    mutationFn: (lines: { line_id: string; quantity: number }[]) =>
      splitShipment(shipment.id, lines, warehouse || undefined, key.current),
    onSuccess: () => {
      toast('A new shipment is planned.', { tone: 'success' })
      onDone()
    },
    onError: () => {
      key.current = newIdempotencyKey()
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
        if (!split.isPending) split.mutate(lines)
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

function Plan({ id, onDone }: { id: string; onDone: () => void }) {
  const found = useQuery(proposal(id))
  const key = useRef(newIdempotencyKey())
  const plan = useMutation({
    mutationFn: (anyway: boolean) => planShipments(id, key.current, anyway),
    onSuccess: (answer) => {
      toast(
        answer.items.length === 1
          ? 'One shipment is planned.'
          : `${answer.items.length} shipments are planned.`,
        { tone: 'success' },
      )
      onDone()
    },
    onError: () => {
      key.current = newIdempotencyKey()
    },
  })
  if (found.isPending) return <TableSkeleton rows={3} columns={3} />
  if (!found.data) return <Failure error={found.error} retry={() => found.refetch()} />
  const unpaid = isApiError(plan.error, 'orders.money_due')
  const { parts, missing } = found.data
  return (
    <div className="space-y-4">
      {parts.length === 0 ? <p>There is nothing left that a warehouse could send.</p> : null}
      {parts.map((part) => (
        <div key={part.warehouse_id}>
          <p className="font-medium">
            From {part.warehouse_name}: {part.parcels} {part.parcels === 1 ? 'parcel' : 'parcels'}
            {part.cost.amount > 0 ? `, about ${money(part.cost)}` : null}
          </p>
          <ul>
            {part.lines.map((line) => (
              <li key={`${line.line_id}/${line.parcel}`}>
                {line.quantity} × {line.name}{' '}
                <span className="text-xs text-muted-foreground">{line.sku}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {missing.length ? (
        <Alert tone="warning" title="In no warehouse now, to follow later">
          {missing.map((line) => `${line.quantity} × ${line.name}`).join(', ')}
        </Alert>
      ) : null}
      {plan.error ? (
        <Alert tone="error" title={unpaid ? 'Send it although money is due?' : 'Not planned'}>
          {problemText(plan.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end">
        <Button
          size="sm"
          variant={unpaid ? 'destructive' : 'primary'}
          disabled={parts.length === 0}
          pending={plan.isPending}
          onClick={() => plan.mutate(unpaid)}
        >
          {unpaid ? 'Plan it all the same' : 'Plan it like this'}
        </Button>
      </div>
    </div>
  )
}
