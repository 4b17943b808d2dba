import { Badge } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { casesOfOrder } from '../../api/payment-cases'
import { Panel } from '../../components/controls'
import { Time } from '../../components/time'
import { money, toneOf, words } from '../../lib/format'
import { Link } from '../../lib/router'
import { caseHref } from '../payment-cases/cases'
import { kindOf, wayOf } from '../payment-cases/words'

/** What the provider says otherwise about this order's payments; nothing where that never happened. */
export function Cases({ id }: { id: string }) {
  const rows = useQuery(casesOfOrder(id)).data?.items ?? []
  if (rows.length === 0) return null
  return (
    <Panel title="Payments to reconcile">
      <ul className="divide-y">
        {rows.map((row) => (
          <li key={row.id} className="px-4 py-2.5">
            <p className="flex flex-wrap items-center justify-between gap-2">
              <span className="flex items-center gap-2">
                <Link
                  href={caseHref(row.id)}
                  className="font-medium underline decoration-border underline-offset-4"
                >
                  {kindOf(row.kind)}
                </Link>
                <Badge tone={toneOf(row.state)}>
                  {row.resolution ? wayOf(row.resolution) : words(row.state)}
                </Badge>
              </span>
              {row.amount ? <span className="tabular-nums">{money(row.amount)}</span> : null}
            </p>
            <p className="text-xs text-muted-foreground">
              {row.reference} · <Time at={row.found_at} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
