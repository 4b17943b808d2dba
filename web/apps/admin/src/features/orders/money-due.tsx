import { Alert, Button } from '@stoa/ui'
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { deskOrder } from '../../api/orders'
import { Confirm } from '../../components/confirm'
import { words } from '../../lib/format'
import { Link } from '../../lib/router'
import type { usePlanning } from './use-planning'

type Held = { id: string; number: string; payment_state: string }

/** The orders behind these ids, as far as they are known yet. */
export const useHeld = (ids: readonly string[]): Held[] =>
  useQueries({ queries: ids.map((id) => deskOrder(id)) }).flatMap(({ data }) => (data ? [data.order] : []))

/** Orders of which nothing goes before they are paid, unless somebody who is asked says so. */
export function MoneyDue({
  held,
  unplanned,
  plan,
  may,
}: {
  held: Held[]
  /** Those of them that are in no shipment yet. */
  unplanned: string[]
  plan: Pick<ReturnType<typeof usePlanning>, 'mutate' | 'isPending'>
  may: boolean
}) {
  const [asking, setAsking] = useState(false)
  const waiting = held.filter(({ id }) => unplanned.includes(id))
  return (
    <>
      <Alert
        tone="warning"
        title={
          held.length === 1
            ? '1 order is held back: money is due'
            : `${held.length} orders are held back: money is due`
        }
        action={
          may && waiting.length ? (
            <Button
              size="sm"
              variant="outline"
              className="print:hidden"
              pending={plan.isPending}
              onClick={() => setAsking(true)}
            >
              Plan {waiting.length === 1 ? 'it' : 'them'} all the same
            </Button>
          ) : null
        }
      >
        <Orders of={held} linked />
      </Alert>
      <Confirm
        open={asking}
        title="Send goods although money is due?"
        confirmLabel="Plan all the same"
        danger
        pending={plan.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false)
          plan.mutate({ orders: waiting.map(({ id }) => id), anyway: true })
        }}
      >
        <Orders of={waiting} />
        <p className="mt-3 text-muted-foreground">
          Their labels ask again. Who sends them all the same stands in the audit log.
        </p>
      </Confirm>
    </>
  )
}

const Orders = ({ of, linked = false }: { of: Held[]; linked?: boolean }) => (
  <ul>
    {of.map(({ id, number, payment_state }) => (
      <li key={id}>
        {linked ? (
          <Link
            href={`/orders/${encodeURIComponent(id)}`}
            className="font-medium underline underline-offset-4"
          >
            {number}
          </Link>
        ) : (
          <span className="font-medium">{number}</span>
        )}
        : {words(payment_state).toLowerCase()}
      </li>
    ))}
  </ul>
)
