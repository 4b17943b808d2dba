import { isApiError } from '@stoa/api-client'
import { Alert, Button, toast } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { type Proposal, planShipments, proposal } from '../../api/orders'
import { Heads } from '../../components/desk'
import { Failure, TableSkeleton } from '../../components/states'
import { money, number, words } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { useOnce } from '../../lib/use-once'

/** From which warehouse what would go, and why; then it is planned like that. */
export function Plan({ id, onDone }: { id: string; onDone: () => void }) {
  const found = useQuery(proposal(id))
  const plan = useOnce({
    act: (anyway: boolean, key) => planShipments(id, key, anyway),
    done: (answer) => {
      toast(
        answer.items.length === 1
          ? 'One shipment is planned.'
          : `${answer.items.length} shipments are planned.`,
        { tone: 'success' },
      )
      onDone()
    },
  })
  if (found.isPending) return <TableSkeleton rows={3} columns={3} />
  if (!found.data) return <Failure error={found.error} retry={() => found.refetch()} />
  const unpaid = isApiError(plan.error, 'orders.money_due')
  const { parts, missing, considered } = found.data
  return (
    <div className="space-y-4">
      {parts.length === 0 ? <p>There is nothing left that a warehouse could send.</p> : null}
      {parts.map((part) => (
        <div key={part.warehouse_id}>
          <p className="font-medium">
            From {part.warehouse_name}: {part.parcels} {part.parcels === 1 ? 'parcel' : 'parcels'}
            {part.cost.amount > 0 ? `, about ${money(part.cost)}` : null}
          </p>
          <ul>
            {part.lines.map((line) => (
              <li key={`${line.line_id}/${line.parcel}`}>
                {line.quantity} × {line.name}{' '}
                <span className="text-xs text-muted-foreground">{line.sku}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {missing.length ? (
        <Alert tone="warning" title="In no warehouse now, to follow later">
          {missing.map((line) => `${line.quantity} × ${line.name}`).join(', ')}
        </Alert>
      ) : null}
      <Considered of={considered} />
      {plan.error ? (
        <Alert tone="error" title={unpaid ? 'Send it although money is due?' : 'Not planned'}>
          {problemText(plan.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end">
        <Button
          size="sm"
          variant={unpaid ? 'destructive' : 'primary'}
          disabled={parts.length === 0}
          pending={plan.isPending}
          onClick={() => plan.mutate(unpaid)}
        >
          {unpaid ? 'Plan it all the same' : 'Plan it like this'}
        </Button>
      </div>
    </div>
  )
}

/** The sources that were weighed, best first. One alone leaves nothing to explain. */
export function Considered({ of }: { of: Proposal['considered'] }) {
  if (of.length < 2) return null
  return (
    <details>
      <summary className="cursor-pointer text-muted-foreground">Why from there</summary>
      <div className="mt-2 overflow-x-auto">
        <table className="grid-table">
          <caption className="sr-only">What was weighed, best first</caption>
          <thead>
            <tr>
              <Heads of={['From', { number: 'Parcels' }, { number: 'About' }, 'Result']} />
            </tr>
          </thead>
          <tbody>
            {of.map((one) => (
              <tr key={one.warehouses.join()}>
                <td className="whitespace-normal!">{one.warehouses.join(' and ')}</td>
                <td className="number">{number(one.parcels)}</td>
                <td className="number">{one.cost.amount > 0 ? money(one.cost) : '–'}</td>
                <td className="whitespace-normal!">
                  {words(one.verdict)}
                  {one.missing > 0 ? (
                    <span className="block text-xs text-muted-foreground">
                      {one.missing === 1 ? '1 unit is' : `${number(one.missing)} units are`} not there
                    </span>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
