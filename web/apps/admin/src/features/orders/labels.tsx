import { Alert, Badge, Button, buttonVariants, toast } from '@stoa/ui'
import { useQueries, useQueryClient } from '@tanstack/react-query'
import { Printer } from 'lucide-react'
import { useState } from 'react'
import { deskOrder, labelsHref, type Shipment } from '../../api/orders'
import { Panel } from '../../components/controls'
import { Heads } from '../../components/desk'
import { toneOf, words } from '../../lib/format'
import { CorrectAddress } from './correct-address'
import { useHandOver } from './hand-over'
import { LabelLinks } from './label-links'
import { unlabelled, useLabels } from './use-labels'

/** How many labels there are to print. */
export const printable = (shipments: readonly Shipment[]): number =>
  shipments
    .filter(({ state }) => state === 'labelled')
    .reduce((sum, { parcels }) => sum + parcels.filter((parcel) => parcel.tracking_number).length, 0)

/** The labels of all shipments of some orders: made together, and each that failed is put right here. */
export function Labels({
  orders,
  moneyDue,
  may,
}: {
  orders: string[]
  moneyDue: readonly string[]
  may: boolean
}) {
  const client = useQueryClient()
  const found = useQueries({ queries: orders.map((id) => deskOrder(id)) })
  const [wrong, setWrong] = useState<Shipment | null>(null)
  const shipments = found
    .flatMap(({ data }) => data?.shipments ?? [])
    .filter(({ state, left_at }) => state !== 'cancelled' && !left_at)
  // Of which orders nothing goes before they are paid.
  const held = new Set(
    found.flatMap(({ data }) => (data && moneyDue.includes(data.order.id) ? [data.order.number] : [])),
  )
  const waiting = unlabelled(shipments)
  const labels = printable(shipments)
  const failed = waiting.filter(({ state }) => state === 'failed')
  const refresh = () => {
    for (const key of ['desk-order', 'desk', 'picking']) void client.invalidateQueries({ queryKey: [key] })
  }
  const { make, pending, reasons, question } = useLabels(shipments, refresh)
  const ready = shipments.filter(({ state }) => state === 'labelled')
  const handOver = useHandOver(refresh)
  if (shipments.length === 0 && !handOver.data?.length) return null
  return (
    <div className="print:hidden">
      <Panel
        title="Labels"
        actions={
          may ? (
            <span className="flex flex-wrap justify-end gap-2">
              {labels > 0 ? (
                <a
                  href={labelsHref(orders)}
                  target="_blank"
                  rel="noreferrer"
                  className={buttonVariants({ size: 'sm', variant: 'outline' })}
                >
                  <Printer aria-hidden="true" className="size-4" />
                  {labels === 1 ? 'Print the label' : `Print ${labels} labels`}
                </a>
              ) : null}
              {ready.length ? (
                <Button
                  size="sm"
                  variant={waiting.length ? 'outline' : 'primary'}
                  pending={handOver.isPending}
                  onClick={() => handOver.mutate(ready)}
                >
                  {ready.length === 1 ? 'Handed over' : `All ${ready.length} handed over`}
                </Button>
              ) : null}
              {waiting.length ? (
                <Button size="sm" pending={pending} onClick={() => make(waiting.map(({ id }) => id))}>
                  {waiting.length === 1 ? 'Make the label' : `Make ${waiting.length} labels`}
                </Button>
              ) : null}
            </span>
          ) : null
        }
      >
        {handOver.data?.length ? (
          <div className="p-4 pb-0">
            <Alert tone="error" title="Not handed over">
              <ul>
                {handOver.data.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </Alert>
          </div>
        ) : null}
        {failed.length ? (
          <div className="p-4 pb-0">
            <Alert
              tone="error"
              title={
                failed.length === 1
                  ? 'The carrier refused one of them'
                  : `The carrier refused ${failed.length} of them`
              }
            >
              Correct the address, then make the label again. The others are not held up.
            </Alert>
          </div>
        ) : null}
        <table className="grid-table">
          <caption className="sr-only">Shipments and their labels</caption>
          <thead>
            <tr>
              <Heads of={['Shipment', 'To', 'State', 'Label']} />
            </tr>
          </thead>
          <tbody>
            {shipments.map((shipment) => (
              <tr key={shipment.id}>
                <td className="font-medium">
                  {shipment.order_number}-{shipment.number}
                </td>
                <td className="whitespace-normal!">
                  {shipment.to.name}, {shipment.to.postal_code} {shipment.to.city}
                  <WhyNot shipment={shipment} reason={reasons.get(shipment.id)} />
                </td>
                <td>
                  <span className="flex flex-wrap gap-1.5">
                    <Badge tone={toneOf(shipment.state)}>{words(shipment.state)}</Badge>
                    {held.has(shipment.order_number) ? <Badge tone="warning">Money is due</Badge> : null}
                  </span>
                </td>
                <td>
                  {shipment.state === 'failed' && may ? (
                    <Button
                      size="sm"
                      variant="outline"
                      aria-label={`Correct the address of ${shipment.order_number}-${shipment.number}`}
                      onClick={() => setWrong(shipment)}
                    >
                      Correct the address
                    </Button>
                  ) : (
                    shipment.parcels.map((parcel) => (
                      <span key={parcel.position} className="mr-4 inline-block">
                        <LabelLinks shipment={shipment} parcel={parcel}>
                          {parcel.tracking_number}
                        </LabelLinks>
                      </span>
                    ))
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      {question}
      <CorrectAddress
        shipment={wrong}
        onClose={(corrected) => {
          setWrong(null)
          if (corrected) {
            toast('The address is corrected. Make the label again.', { tone: 'success' })
            refresh()
          }
        }}
      />
    </div>
  )
}

/** Why a shipment has no label: in the carrier's words, or in ours. */
function WhyNot({ shipment, reason }: { shipment: Shipment; reason: string | undefined }) {
  if (shipment.state !== 'failed' && shipment.state !== 'planned') return null
  const text = shipment.problems.map((problem) => problem.message).join(' ') || reason
  return text ? <span className="block text-destructive">{text}</span> : null
}
