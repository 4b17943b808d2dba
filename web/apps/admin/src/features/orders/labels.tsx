import { newIdempotencyKey } from '@stoa/api-client'
import { Alert, Badge, Button, buttonVariants, toast } from '@stoa/ui'
import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query'
import { FileText, Printer } from 'lucide-react'
import { useState } from 'react'
import { announce, deskOrder, labelHref, labelsHref, type Shipment } from '../../api/orders'
import { Panel } from '../../components/controls'
import { Heads } from '../../components/desk'
import { toneOf, words } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { CorrectAddress } from './correct-address'

const AT_ONCE = 50

/** Those that still need a label. */
export const unlabelled = (shipments: readonly Shipment[]): Shipment[] =>
  shipments.filter(({ state }) => state === 'planned' || state === 'failed')

/** How many labels there are to print. */
export const printable = (shipments: readonly Shipment[]): number =>
  shipments
    .filter(({ state }) => state === 'labelled')
    .reduce((sum, { parcels }) => sum + parcels.filter((parcel) => parcel.tracking_number).length, 0)

/** The labels of all shipments of some orders: made together, and each that failed is put right here. */
export function Labels({ orders, may }: { orders: string[]; may: boolean }) {
  const client = useQueryClient()
  const found = useQueries({ queries: orders.map((id) => deskOrder(id)) })
  const [wrong, setWrong] = useState<Shipment | null>(null)
  const shipments = found
    .flatMap((query) => query.data?.shipments ?? [])
    .filter(({ state, left_at }) => state !== 'cancelled' && !left_at)
  const waiting = unlabelled(shipments)
  const labels = printable(shipments)
  const failed = waiting.filter(({ state }) => state === 'failed')
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ['desk-order'] })
    void client.invalidateQueries({ queryKey: ['desk'] })
  }
  const label = useMutation({
    mutationFn: async (ids: string[]) => {
      const items = []
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const answer = await announce(ids.slice(from, from + AT_ONCE), newIdempotencyKey())
        items.push(...answer.items)
      }
      return items
    },
    onSuccess: (items) => {
      const made = items.filter((item) => item.labelled).length
      toast(
        made === items.length ? `${made} labels are there.` : `${made} of ${items.length} labels were made.`,
        {
          tone: made === items.length ? 'success' : 'error',
        },
      )
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: refresh,
  })
  if (shipments.length === 0) return null
  const reasons = new Map(
    (label.data ?? []).filter((item) => !item.labelled).map((item) => [item.shipment_id, item.message ?? '']),
  )
  return (
    <div className="print:hidden">
      <Panel
        title="Labels"
        actions={
          may ? (
            <>
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
              {waiting.length ? (
                <Button
                  size="sm"
                  pending={label.isPending}
                  onClick={() => label.mutate(waiting.map(({ id }) => id))}
                >
                  {waiting.length === 1 ? 'Make the label' : `Make ${waiting.length} labels`}
                </Button>
              ) : null}
            </>
          ) : null
        }
      >
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
                  {shipment.state === 'failed' ? (
                    <span className="block text-destructive">
                      {shipment.problems.map((problem) => problem.message).join(' ') ||
                        reasons.get(shipment.id)}
                    </span>
                  ) : null}
                </td>
                <td>
                  <Badge tone={toneOf(shipment.state)}>{words(shipment.state)}</Badge>
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
                    shipment.parcels
                      .filter((parcel) => parcel.tracking_number)
                      .map((parcel) => (
                        <a
                          key={parcel.position}
                          href={labelHref(shipment.id, parcel.position)}
                          target="_blank"
                          rel="noreferrer"
                          className="mr-3 inline-flex items-center gap-1 underline underline-offset-4"
                        >
                          <FileText aria-hidden="true" className="size-4" />
                          {parcel.tracking_number}
                        </a>
                      ))
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
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
