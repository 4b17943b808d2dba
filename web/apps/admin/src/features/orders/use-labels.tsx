import { newIdempotencyKey } from '@stoa/api-client'
import { toast } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { type Announced, announce, type Shipment } from '../../api/orders'
import { Confirm } from '../../components/confirm'
import { problemText } from '../../lib/problem'

const AT_ONCE = 50

/** Those that still need a label. */
export const unlabelled = (shipments: readonly Shipment[]): Shipment[] =>
  shipments.filter(({ state }) => state === 'planned' || state === 'failed')

type Item = Announced['items'][number]

/** What became of a run: how many labels were made, what is held back because money is due, and why another one failed. */
export function outcomeOf(items: readonly Item[]) {
  const made = items.filter((item) => item.labelled).length
  const held = items.filter((item) => item.code === 'orders.money_due')
  const failed = items.find((item) => !item.labelled && item.code !== 'orders.money_due')
  const reason = failed?.message ?? failed?.shipment?.problems[0]?.message ?? ''
  const summary =
    made === items.length
      ? made === 1
        ? 'The label is there.'
        : `${made} labels are there.`
      : `${made} of ${items.length} labels were made. ${reason}`.trimEnd()
  return { made, held, summary, complete: made === items.length }
}

/** Makes labels. What is held back because money is due is asked about, one by one named, before it goes anyway. */
export function useLabels(shipments: readonly Shipment[], refresh: () => void) {
  const [held, setHeld] = useState<Item[]>([])
  const make = useMutation({
    mutationFn: async ({ ids, anyway }: { ids: string[]; anyway: boolean }) => {
      const items: Item[] = []
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const answer = await announce(ids.slice(from, from + AT_ONCE), newIdempotencyKey(), anyway)
        items.push(...answer.items)
      }
      return items
    },
    onSuccess: (items) => {
      const run = outcomeOf(items)
      setHeld(run.held)
      // The question says it already.
      if (run.held.length < items.length) toast(run.summary, { tone: run.complete ? 'success' : 'error' })
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: refresh,
  })
  const reasons = new Map(
    (make.data ?? []).filter((item) => !item.labelled).map((item) => [item.shipment_id, item.message ?? '']),
  )
  return {
    make: (ids: string[]) => make.mutate({ ids, anyway: false }),
    pending: make.isPending,
    /** Why there is no label, by shipment. */
    reasons,
    question: (
      <Confirm
        open={held.length > 0}
        title={held.length === 1 ? 'Send it although money is due?' : 'Send them although money is due?'}
        confirmLabel={held.length === 1 ? 'Make the label all the same' : 'Make these labels all the same'}
        danger
        pending={make.isPending}
        onClose={() => setHeld([])}
        onConfirm={() => make.mutate({ ids: held.map((item) => item.shipment_id), anyway: true })}
      >
        <HeldBack items={held} shipments={shipments} />
      </Confirm>
    ),
  }
}

/** What is held back, and why. Exported for tests. */
export function HeldBack({ items, shipments }: { items: readonly Item[]; shipments: readonly Shipment[] }) {
  return (
    <>
      <ul className="space-y-1">
        {items.map((item) => {
          const shipment = shipments.find(({ id }) => id === item.shipment_id)
          return (
            <li key={item.shipment_id}>
              {shipment ? (
                <span className="font-medium">
                  {shipment.order_number}-{shipment.number}:{' '}
                </span>
              ) : null}
              {item.message}
            </li>
          )
        })}
      </ul>
      <p className="mt-3 text-muted-foreground">
        Without a label it stays here. Whoever sends it all the same stands in the audit log.
      </p>
    </>
  )
}
