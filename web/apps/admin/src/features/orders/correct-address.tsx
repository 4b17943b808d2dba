import { Button, Dialog, Field } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { correctShipment, type Shipment, type ShipTo } from '../../api/orders'
import { TextInput } from '../../components/controls'
import { fieldErrors, problemText } from '../../lib/problem'

const FIELDS: [keyof ShipTo, string, boolean][] = [
  ['name', 'Name', true],
  ['company', 'Company', false],
  ['line1', 'Street and number', true],
  ['line2', 'More of the address', false],
  ['postal_code', 'Postal code', true],
  ['city', 'City', true],
  ['state', 'State', false],
  ['country', 'Country, two letters', true],
]

/** Where this shipment goes; the order keeps the address that the buyer gave. */
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
  const save = useMutation({ mutationFn: () => correctShipment(shipment.id, to), onSuccess: onDone })
  const errors = fieldErrors(save.error)
  const known = FIELDS.map(([name]) => errors[`to.${name}`] ?? errors[name])
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending) save.mutate()
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
