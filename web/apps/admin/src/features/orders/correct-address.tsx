import { Button, Dialog, Field } from '@stoa/ui'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { correctShipment, deliveryOptions, type Shipment, type ShipTo } from '../../api/orders'
import { Choice, TextInput } from '../../components/controls'
import { money } from '../../lib/format'
import { fieldErrors, problemText } from '../../lib/problem'
import { PointField } from './particulars'

const FIELDS: [keyof ShipTo, string, boolean][] = [
  ['name', 'Name', true],
  ['company', 'Company', false],
  ['line1', 'Street and number', true],
  ['line2', 'More of the address', false],
  ['postal_code', 'Postal code', true],
  ['city', 'City', true],
  ['state', 'State', false],
  ['country', 'Country, two letters', true],
  ['email', 'E-mail, for the carrier', false],
  ['phone', 'Telephone, for the carrier', false],
]
const LIVE = 'sendcloud:'

/** Where this shipment goes, and how; the order keeps what the buyer chose. */
export function CorrectAddress({
  shipment,
  onClose,
}: {
  shipment: Shipment | null
  onClose: (corrected: boolean) => void
}) {
  return (
    <Dialog
      open={shipment !== null}
      onClose={() => onClose(false)}
      title={shipment ? `Where ${shipment.order_number}-${shipment.number} goes` : ''}
      closeLabel="Close"
    >
      {shipment ? <Form key={shipment.id} shipment={shipment} onDone={() => onClose(true)} /> : null}
    </Dialog>
  )
}

function Form({ shipment, onDone }: { shipment: Shipment; onDone: () => void }) {
  const [to, setTo] = useState<ShipTo>(shipment.to)
  const [way, setWay] = useState({
    option_code: shipment.option_code,
    service_point_id: shipment.service_point_id ?? '',
  })
  const offered = useQuery(deliveryOptions(shipment.order_id, to.postal_code))
  const live = offered.data?.items.filter((entry) => entry.id.startsWith(LIVE)) ?? []
  const chosen = live.find((entry) => entry.id === LIVE + way.option_code)
  const pointMissing = chosen?.kind === 'service_point' && !way.service_point_id
  const save = useMutation({ mutationFn: () => correctShipment(shipment.id, to, way), onSuccess: onDone })
  const errors = fieldErrors(save.error)
  const known = FIELDS.map(([name]) => errors[`to.${name}`] ?? errors[name])
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending && !pointMissing) save.mutate()
      }}
    >
      {shipment.problems.length ? (
        <p className="text-destructive">{shipment.problems.map((problem) => problem.message).join(' ')}</p>
      ) : null}
      <div className="grid gap-3 sm:grid-cols-2">
        {FIELDS.map(([name, label, required], index) => (
          <Field
            key={name}
            label={label}
            error={known[index]}
            optional={required ? undefined : 'optional'}
            className={name === 'line1' || name === 'line2' ? 'sm:col-span-2' : undefined}
          >
            <TextInput
              value={to[name] ?? ''}
              autoComplete="off"
              onChange={(event) => setTo({ ...to, [name]: event.target.value })}
            />
          </Field>
        ))}
      </div>
      <Field label="Delivery" hint="What the buyer paid for it stays.">
        <Choice
          value={way.option_code}
          onChange={(event) => setWay({ option_code: event.target.value, service_point_id: '' })}
        >
          <option value="">The cheapest that fits</option>
          {way.option_code && !chosen ? <option value={way.option_code}>{way.option_code}</option> : null}
          {live.map((entry) => (
            <option key={entry.id} value={entry.id.slice(LIVE.length)}>
              {entry.name}
              {entry.carrier ? `, ${entry.carrier}` : ''}, {money(entry.price)}
            </option>
          ))}
        </Choice>
      </Field>
      {chosen?.kind === 'service_point' ? (
        <PointField
          order={shipment.order_id}
          option={chosen.id}
          postalCode={to.postal_code}
          chosen={way.service_point_id}
          onChange={(service_point_id) => setWay({ ...way, service_point_id })}
        />
      ) : null}
      {save.error && !known.some(Boolean) ? (
        <p role="alert" className="text-destructive">
          {problemText(save.error)}
        </p>
      ) : null}
      <Button type="submit" size="sm" pending={save.isPending}>
        Save the address
      </Button>
    </form>
  )
}
