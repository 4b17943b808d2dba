import { Badge } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import type { DeskDetail } from '../../api/orders'
import { returnsOf } from '../../api/returns'
import { Panel } from '../../components/controls'
import { Time } from '../../components/time'
import { toneOf, words } from '../../lib/format'
import { Link } from '../../lib/router'
import { OpenReturn } from '../returns/open-return'
import { returnHref } from '../returns/queues'

/** What came back of an order, or is to. Where goods have left, whoever decides on returns may open one for the buyer. */
export function Returns({ detail, may }: { detail: DeskDetail; may: boolean }) {
  const { id, number } = detail.order
  const rows = useQuery(returnsOf(number)).data?.items.filter((row) => row.order_id === id) ?? []
  const opens = may && detail.shipments.some(({ left_at }) => left_at)
  if (rows.length === 0 && !opens) return null
  return (
    <Panel title="Returns" actions={opens ? <OpenReturn detail={detail} /> : null}>
      {rows.length === 0 ? <p className="px-4 py-3 text-muted-foreground">Nothing comes back.</p> : null}
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
