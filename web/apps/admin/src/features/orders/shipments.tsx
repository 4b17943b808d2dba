import { Alert, Badge, Button, Dialog, toast } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNames } from '../../api/names'
import { actOnShipment, deskOrder, type Shipment } from '../../api/orders'
import { Confirm } from '../../components/confirm'
import { Panel } from '../../components/controls'
import { Time } from '../../components/time'
import { carrierName, toneOf, words } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { BookIn, isInTrouble } from './book-in'
import { EndByHand, isByHand, SendByHand } from './by-hand'
import { CorrectAddress } from './correct-address'
import { LabelLinks } from './label-links'
import { Plan } from './plan'
import { Split } from './split'
import { useLabels, unlabelled as withoutLabel } from './use-labels'

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
  const refresh = () => {
    void client.invalidateQueries({ queryKey: deskOrder(id).queryKey })
    void client.invalidateQueries({ queryKey: ['desk'] })
  }
  const waiting = withoutLabel(shipments)
  const labels = useLabels(shipments, refresh)
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
                pending={labels.pending}
                onClick={() => labels.make(waiting.map((entry) => entry.id))}
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
              label={() => labels.make([shipment.id])}
              labelling={labels.pending}
            />
          </li>
        ))}
      </ul>
      {labels.question}
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
  const from = useNames('warehouses')(shipment.warehouse_id)
  const { state } = shipment
  const unlabelled = state === 'planned' || state === 'failed'
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="font-medium">
          {shipment.order_number}-{shipment.number}
        </span>
        <Badge tone={toneOf(state)}>{words(state)}</Badge>
        <span className="text-muted-foreground">
          {[from && `from ${from}`, carrierName(shipment.carrier)].filter(Boolean).join(', ')}
        </span>
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
            {may && state !== 'cancelled' && !isByHand(shipment) ? (
              <LabelLinks shipment={shipment} parcel={parcel} />
            ) : null}
            <span>{parcel.status}</span>
          </li>
        ))}
      </ul>
      {shipment.left_at ? (
        <p className="mt-1 text-xs text-muted-foreground">
          Left <Time at={shipment.left_at} />
          {shipment.delivered_at ? (
            <>
              , delivered <Time at={shipment.delivered_at} />
            </>
          ) : null}
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
