import type { Address, Order } from '@stoa/api-client'
import { Field } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { deliveryOptions, type EditWish, servicePoints } from '../../api/orders'
import { Choice, TextInput } from '../../components/controls'
import { Failure } from '../../components/states'
import { money } from '../../lib/format'

export type Particulars = {
  shipping_address?: Address
  billing_address?: Address
  email?: string
  delivery?: { option_id: string; service_point_id?: string }
}

const ADDRESS: [keyof Address & string, string, boolean][] = [
  ['first_name', 'First name', true],
  ['last_name', 'Last name', true],
  ['company', 'Company', false],
  ['line1', 'Street and number', true],
  ['line2', 'More of the address', false],
  ['postal_code', 'Postal code', true],
  ['city', 'City', true],
  ['state', 'State', false],
  ['country', 'Country, two letters', true],
  ['phone', 'Telephone', false],
]

// What is empty is not there.
const tidy = (address: Address): Address =>
  Object.fromEntries(
    ADDRESS.map(([name]) => [name, String(address[name] ?? '').trim()]).filter(([, value]) => value),
  ) as Address

/** What differs from the order, or what is wrong with it. Exported for tests. */
export function particularsOf(
  order: Order,
  typed: Particulars,
): { wish: Partial<EditWish> } | { errors: Record<string, string> } {
  const wish: Partial<EditWish> = {}
  const errors: Record<string, string> = {}
  for (const name of ['shipping_address', 'billing_address'] as const) {
    const address = typed[name]
    if (!address) continue
    const now = tidy(address)
    if (JSON.stringify(now) === JSON.stringify(tidy(order[name]))) continue
    for (const [field, label, required] of ADDRESS)
      if (required && !now[field]) errors[`${name}.${field}`] = `${label} is missing.`
    wish[name] = now
  }
  const email = typed.email?.trim()
  if (email !== undefined && email !== order.email) {
    if (/^[^@\s]+@[^@\s]+$/.test(email)) wish.email = email
    else errors.email = 'Should look like ana@shop.example.'
  }
  if (typed.delivery) wish.delivery = typed.delivery
  return Object.keys(errors).length ? { errors } : { wish }
}

/** What a change of an order may be about besides its goods. Each part is opened by whom it concerns. */
export function ParticularFields({
  order,
  typed,
  errors,
  gone,
  onType,
}: {
  order: Order
  typed: Particulars
  errors: Record<string, string>
  /** Goods have left: where they go, and how, is no question any more. */
  gone: boolean
  onType: (typed: Particulars) => void
}) {
  const byMail = order.shipping.option_id === 'by-mail'
  return (
    <div className="space-y-2">
      {gone || byMail ? null : (
        <>
          <Part label="Another delivery address">
            <AddressFields
              at="shipping_address"
              address={typed.shipping_address ?? order.shipping_address}
              errors={errors}
              onChange={(shipping_address) => onType({ ...typed, shipping_address })}
            />
          </Part>
          <Part label={`Another delivery than ${order.shipping.method_name}`}>
            <DeliveryFields
              order={order}
              postalCode={typed.shipping_address?.postal_code}
              chosen={typed.delivery}
              error={errors.delivery ?? errors['delivery.service_point_id']}
              onChange={(delivery) => onType({ ...typed, delivery })}
            />
          </Part>
        </>
      )}
      <Part label="Another billing address">
        <AddressFields
          at="billing_address"
          address={typed.billing_address ?? order.billing_address}
          errors={errors}
          onChange={(billing_address) => onType({ ...typed, billing_address })}
        />
      </Part>
      <Part label="Another e-mail address">
        <Field
          label="Where mail about the order goes"
          hint="Its confirmation is sent there at once."
          error={errors.email}
        >
          <TextInput
            type="email"
            autoComplete="off"
            value={typed.email ?? order.email}
            onChange={(event) => onType({ ...typed, email: event.target.value })}
          />
        </Field>
      </Part>
    </div>
  )
}

function Part({ label, children }: { label: string; children: React.ReactNode }) {
  const [open, setOpen] = useState(false)
  return (
    <details className="rounded-md border" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer px-3 py-2 font-medium">{label}</summary>
      {/* Nothing is asked of the carrier for a part that nobody looks at. */}
      {open ? <div className="border-t p-3">{children}</div> : null}
    </details>
  )
}

function AddressFields({
  at,
  address,
  errors,
  onChange,
}: {
  at: string
  address: Address
  errors: Record<string, string>
  onChange: (address: Address) => void
}) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {ADDRESS.map(([name, label, required]) => (
        <Field
          key={name}
          label={label}
          error={errors[`${at}.${name}`]}
          optional={required ? undefined : 'optional'}
          className={name === 'line1' || name === 'line2' ? 'sm:col-span-2' : undefined}
        >
          <TextInput
            autoComplete="off"
            value={String(address[name] ?? '')}
            onChange={(event) => onChange({ ...address, [name]: event.target.value })}
          />
        </Field>
      ))}
    </div>
  )
}

/** A delivery that is offered for what the order holds, and where it is fetched if it is fetched. */
export function DeliveryFields({
  order,
  postalCode,
  chosen,
  error,
  onChange,
}: {
  order: Order
  postalCode?: string | undefined
  chosen: Particulars['delivery']
  error: string | undefined
  onChange: (delivery: Particulars['delivery']) => void
}) {
  const offered = useQuery(deliveryOptions(order.id, postalCode))
  const option = offered.data?.items.find((entry) => entry.id === chosen?.option_id)
  return (
    <div className="space-y-3">
      {offered.error ? <Failure error={offered.error} retry={() => offered.refetch()} /> : null}
      <Field label="Delivery" error={error}>
        <Choice
          disabled={offered.isPending}
          value={chosen?.option_id ?? ''}
          onChange={(event) => onChange(event.target.value ? { option_id: event.target.value } : undefined)}
        >
          <option value="">As it is</option>
          {offered.data?.items.map((entry) => (
            <option key={entry.id} value={entry.id}>
              {entry.name}
              {entry.carrier ? `, ${entry.carrier}` : ''}, {money(entry.price)}
            </option>
          ))}
        </Choice>
      </Field>
      {option?.kind === 'service_point' ? (
        <PointField
          order={order.id}
          option={option.id}
          postalCode={postalCode}
          chosen={chosen?.service_point_id}
          onChange={(service_point_id) =>
            onChange({ option_id: option.id, ...(service_point_id ? { service_point_id } : {}) })
          }
        />
      ) : null}
    </div>
  )
}

export function PointField({
  order,
  option,
  postalCode,
  chosen,
  onChange,
}: {
  order: string
  option: string
  postalCode?: string | undefined
  chosen: string | undefined
  onChange: (point: string) => void
}) {
  const points = useQuery(servicePoints(order, option, postalCode))
  if (points.error) return <Failure error={points.error} retry={() => points.refetch()} />
  return (
    <Field label="Pick-up point">
      <Choice
        disabled={points.isPending}
        value={chosen ?? ''}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">Choose one</option>
        {points.data?.items.map((point) => (
          <option key={point.id} value={point.id}>
            {point.name}, {point.street} {point.house_number ?? ''}, {point.postal_code} {point.city}
          </option>
        ))}
      </Choice>
    </Field>
  )
}
