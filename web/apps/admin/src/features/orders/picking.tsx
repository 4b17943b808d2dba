import { Alert, Button } from '@stoa/ui'
import { useQueries, useQuery } from '@tanstack/react-query'
import { Printer } from 'lucide-react'
import { useNames } from '../../api/names'
import { deskOrder, type Pick, pickingList } from '../../api/orders'
import { session } from '../../api/session'
import { PageHead, Panel } from '../../components/controls'
import { Heads } from '../../components/desk'
import { BlockSkeleton, Failure, Nothing } from '../../components/states'
import { number } from '../../lib/format'
import { may } from '../../lib/permissions'
import { Link, usePlace } from '../../lib/router'
import { Labels } from './labels'
import { MoneyDue, useHeld } from './money-due'
import { usePlanning } from './use-planning'

/** By warehouse, in the list's order. */
export function byWarehouse(picks: Pick[]): { warehouse: string; picks: Pick[] }[] {
  const found = new Map<string, Pick[]>()
  for (const pick of picks) found.set(pick.warehouse_id, [...(found.get(pick.warehouse_id) ?? []), pick])
  return [...found].map(([warehouse, list]) => ({ warehouse, picks: list }))
}

/** "Walnut", of an article of these orders. */
function useOptions(ids: readonly string[]): (sku: string) => string {
  const lines = useQueries({ queries: ids.map((id) => deskOrder(id)) }).flatMap(
    ({ data }) => data?.order.lines ?? [],
  )
  return (sku) => lines.find((line) => line.sku === sku)?.options_text ?? ''
}

/** What to fetch for the chosen orders. Printed, it is a list with boxes to tick. */
export function PickingList() {
  const ids = (usePlace().query.get('orders') ?? '').split(',').filter(Boolean)
  const found = useQuery(pickingList(ids))
  const me = useQuery(session).data?.staff
  const plan = usePlanning()
  const due = found.data?.money_due ?? []
  const held = useHeld(due)
  const optionsOf = useOptions(ids)
  if (ids.length === 0)
    return (
      <Nothing page title="No orders are chosen" action={<Link href="/orders">Go to the order desk</Link>}>
        Choose orders at the desk, then take their picking list.
      </Nothing>
    )
  const groups = byWarehouse(found.data?.items ?? [])
  const mayShip = may(me?.permissions ?? [], 'orders.ship')
  // What is held back is planned by itself, after a question.
  const unplanned = (found.data?.unplanned ?? []).filter((id) => !due.includes(id))
  const heldUnplanned = due.filter((id) => found.data?.unplanned.includes(id))
  return (
    <div className="mx-auto max-w-4xl">
      <PageHead
        above={
          <Link href="/orders" className="hover:underline print:hidden">
            Order desk
          </Link>
        }
        title="Picking list"
        note={`${ids.length} ${ids.length === 1 ? 'order' : 'orders'}`}
        actions={
          <Button size="sm" variant="outline" className="print:hidden" onClick={() => window.print()}>
            <Printer aria-hidden="true" className="size-4" />
            Print
          </Button>
        }
      />
      <div className="space-y-4">
        {found.isPending ? <BlockSkeleton /> : null}
        {found.error && !found.data ? <Failure error={found.error} retry={() => found.refetch()} /> : null}
        {unplanned.length ? (
          <Alert
            tone="warning"
            title={
              unplanned.length === 1
                ? '1 of these orders has no shipment yet'
                : `${unplanned.length} of these orders have no shipment yet`
            }
            className="print:hidden"
            action={
              mayShip ? (
                <Button
                  size="sm"
                  variant="outline"
                  pending={plan.isPending}
                  onClick={() => plan.mutate({ orders: unplanned, anyway: false })}
                >
                  Put all that is left into shipments
                </Button>
              ) : null
            }
          >
            What is in no shipment is in no warehouse's list.
          </Alert>
        ) : null}
        {held.length ? <MoneyDue held={held} unplanned={heldUnplanned} plan={plan} may={mayShip} /> : null}
        {plan.data?.length ? (
          <Alert tone="error" title="Not planned">
            <ul>
              {plan.data.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </Alert>
        ) : null}
        {groups.map((group) => (
          <Panel key={group.warehouse} title={<WarehouseName id={group.warehouse} />}>
            <table className="grid-table">
              <caption className="sr-only">To fetch</caption>
              <thead>
                <tr>
                  <Heads of={['SKU', 'Name', { number: 'Quantity' }, 'For']} />
                </tr>
              </thead>
              <tbody>
                {group.picks.map((pick) => (
                  <tr key={pick.sku}>
                    <td className="font-medium">{pick.sku}</td>
                    <td className="whitespace-normal!">
                      {pick.name} <span className="text-muted-foreground">{optionsOf(pick.sku)}</span>
                    </td>
                    <td className="number">{number(pick.quantity)}</td>
                    <td className="whitespace-normal!">
                      {pick.orders
                        .map(({ order_number, quantity }) =>
                          held.some(({ number: due }) => due === order_number)
                            ? `${order_number} (${quantity}, held back)`
                            : `${order_number} (${quantity})`,
                        )
                        .join(', ')}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Panel>
        ))}
        {found.data ? <Labels orders={ids} moneyDue={due} may={mayShip} /> : null}
        {found.data && groups.length === 0 && found.data.unplanned.length === 0 ? (
          <Nothing title="There is nothing to fetch">Everything of these orders has left.</Nothing>
        ) : null}
      </div>
    </div>
  )
}

function WarehouseName({ id }: { id: string }) {
  const nameOf = useNames('warehouses')
  return <>{nameOf(id) ?? `Warehouse …${id.slice(-6)}`}</>
}
