import { Badge } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { returnsOf } from '../../api/returns'
import { Panel } from '../../components/controls'
import { Time } from '../../components/time'
import { toneOf, words } from '../../lib/format'
import { Link } from '../../lib/router'
import { returnHref } from '../returns/queues'

/** What came back of an order, or is to; nothing where that never happened. */
export function Returns({ id, number }: { id: string; number: string }) {
  const rows = useQuery(returnsOf(number)).data?.items.filter((row) => row.order_id === id) ?? []
  if (rows.length === 0) return null
  return (
    <Panel title="Returns">
      <ul className="divide-y">
        {rows.map((row) => (
          <li key={row.id} className="px-4 py-2.5">
            <p className="flex flex-wrap items-center gap-2">
              <Link
                href={returnHref(row.id)}
                className="font-medium underline decoration-border underline-offset-4"
              >
                {row.number}
              </Link>
              <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge>
              {row.has_exchange ? <Badge tone="accent">Exchange</Badge> : null}
            </p>
            <p className="text-xs text-muted-foreground">
              {row.units === 1 ? '1 unit' : `${row.units} units`}, asked for <Time at={row.requested_at} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
