import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Alert, Button, Checkbox, Dialog, Field, toast } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { type ByHand, endByHand, type Shipment, sendByHand } from '../../api/orders'
import { TextInput } from '../../components/controls'
import { fieldErrors, problemText } from '../../lib/problem'
import { isRefused } from '../../lib/use-previewed'

/** Sent with a carrier that the platform knows nothing of: nobody tells how it goes on. */
export const isByHand = (shipment: Shipment): boolean => Boolean(shipment.left_at) && !shipment.announced_at

/** What was typed; what is empty is not said. Exported for tests. */
export function byHandOf(typed: { carrier: string; numbers: string[]; url: string }): ByHand {
  const numbers = typed.numbers.map((number) => number.trim())
  while (numbers.length && !numbers[numbers.length - 1]) numbers.pop()
  return {
    ...(typed.carrier.trim() ? { carrier: typed.carrier.trim() } : {}),
    ...(numbers.length ? { tracking_numbers: numbers } : {}),
    ...(typed.url.trim() ? { tracking_url: typed.url.trim() } : {}),
  }
}

export function SendByHand({
  shipment,
  onClose,
}: {
  shipment: Shipment | null
  onClose: (sent: boolean) => void
}) {
  return (
    <Dialog
      open={shipment !== null}
      onClose={() => onClose(false)}
      title={shipment ? `${shipment.order_number}-${shipment.number} goes without a label` : ''}
      closeLabel="Close"
    >
      {shipment ? <Form key={shipment.id} shipment={shipment} onDone={() => onClose(true)} /> : null}
    </Dialog>
  )
}

function Form({ shipment, onDone }: { shipment: Shipment; onDone: () => void }) {
  const [typed, setTyped] = useState({
    carrier: '',
    numbers: shipment.parcels.map(() => ''),
    url: '',
  })
  const [anyway, setAnyway] = useState(false)
  const key = useRef(newIdempotencyKey())
  const send = useMutation({
    mutationFn: () =>
      sendByHand(shipment.id, { ...byHandOf(typed), ...(anyway ? { anyway } : {}) }, key.current),
    onSuccess: onDone,
    onError: (error) => {
      if (isRefused(error)) key.current = newIdempotencyKey()
    },
  })
  const errors = fieldErrors(send.error)
  const owes = isApiError(send.error) && send.error.code === 'orders.money_due'
  return (
    <form
      className="space-y-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!send.isPending) send.mutate()
      }}
    >
      <p>The goods leave the stock, and the buyer is told. How it goes on, you say here.</p>
      <Field label="Carrier" optional="optional" error={errors.carrier}>
        <TextInput
          maxLength={60}
          value={typed.carrier}
          onChange={(event) => setTyped({ ...typed, carrier: event.target.value })}
        />
      </Field>
      {shipment.parcels.map((parcel, at) => (
        <Field
          key={parcel.position}
          label={
            shipment.parcels.length > 1 ? `Tracking number of parcel ${parcel.position}` : 'Tracking number'
          }
          optional="optional"
          error={errors[`tracking_numbers.${at}`] ?? (at === 0 ? errors.tracking_numbers : undefined)}
        >
          <TextInput
            maxLength={80}
            value={typed.numbers[at] ?? ''}
            onChange={(event) =>
              setTyped({
                ...typed,
                numbers: typed.numbers.map((number, index) => (index === at ? event.target.value : number)),
              })
            }
          />
        </Field>
      ))}
      <Field label="Page where it is followed" optional="optional" error={errors.tracking_url}>
        <TextInput
          type="url"
          maxLength={500}
          placeholder="https://"
          value={typed.url}
          onChange={(event) => setTyped({ ...typed, url: event.target.value })}
        />
      </Field>
      {owes ? (
        <Checkbox
          label="Send it although money is due"
          checked={anyway}
          onChange={(event) => setAnyway(event.target.checked)}
        />
      ) : null}
      {send.error && Object.keys(errors).length === 0 ? (
        <Alert tone="error" title="Not sent">
          {problemText(send.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end">
        <Button type="submit" size="sm" pending={send.isPending}>
          It has left
        </Button>
      </div>
    </form>
  )
}

/** How a shipment ended that nobody else tells about. */
export function EndByHand({ shipment, refresh }: { shipment: Shipment; refresh: () => void }) {
  const end = useMutation({
    mutationFn: (how: 'delivered' | 'returned') => endByHand(shipment.id, how, newIdempotencyKey()),
    onSuccess: (_after, how) => toast(how === 'delivered' ? 'Marked as delivered.' : 'Marked as come back.'),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: refresh,
  })
  if (!isByHand(shipment) || shipment.state !== 'in_transit') return null
  return (
    <>
      <Button size="sm" variant="secondary" pending={end.isPending} onClick={() => end.mutate('delivered')}>
        Delivered
      </Button>
      <Button size="sm" variant="ghost" pending={end.isPending} onClick={() => end.mutate('returned')}>
        Came back
      </Button>
    </>
  )
}
