import { Badge, Button, ChevronLeft, ChevronRight, cn } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { Camera } from 'lucide-react'
import { type MouseEvent, useRef } from 'react'
import { type ReturnPlace, type ReturnRow, returnRows } from '../../api/returns'
import { PageHead, Tag } from '../../components/controls'
import { Failure, Nothing, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { number, toneOf, words } from '../../lib/format'
import { Link, useHistory, usePlace } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { KeyHelp, SearchBox } from '../resources/list'
import { useRowKeys } from '../resources/use-rows'
import { queues, readPlace, returnHref, returnsHref } from './queues'

/** Goods that come back, as work: to decide, to receive, to pay for. */
export function ReturnDesk() {
  const history = useHistory()
  const place = usePlace()
  const at = readPlace(place.query)
  const trail = (place.state as { trail?: string[] } | null)?.trail ?? []
  const found = useQuery(returnRows(at))
  const rows = found.data?.items ?? []
  const next = found.data?.next_cursor
  const waiting = new Map(found.data?.waiting.map(({ state, count }) => [state, count]))
  const search = useRef<HTMLInputElement>(null)
  const go = (change: Partial<ReturnPlace>, options?: { replace?: boolean; state?: unknown }) =>
    history.go(returnsHref({ ...at, cursor: '', ...change }), options)
  const open = (row: ReturnRow | undefined) => row && history.go(returnHref(row.id))
  const keys = useRowKeys(rows.length, { open: (index) => open(rows[index]) })
  useShortcuts({ '/': () => search.current?.focus() })
  return (
    <div>
      <PageHead title="Returns" />
      <nav aria-label="Queues" className="mb-3 flex gap-x-5 overflow-x-auto border-b">
        {queues.map((queue) => {
          const on = !at.q && at.state === queue.state
          const count = waiting.get(queue.state)
          return (
            <Link
              key={queue.label}
              href={returnsHref({ state: queue.state })}
              aria-current={on ? 'page' : undefined}
              className={cn(
                'inline-flex h-9 items-center gap-1.5 border-b-2 px-1 whitespace-nowrap no-underline',
                on
                  ? 'border-primary font-medium'
                  : 'border-transparent text-muted-foreground hover:text-foreground',
              )}
            >
              {queue.label}
              {count ? <span className="text-xs tabular-nums">{number(count)}</span> : null}
            </Link>
          )
        })}
      </nav>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <SearchBox
          input={search}
          value={at.q}
          placeholder="Return, order, email, tracking number"
          className="w-80"
          onChange={(q) => go({ q, state: q ? '' : 'requested' }, { replace: true })}
        />
        {at.q && at.state ? (
          <Tag removeLabel="Search in all queues" onRemove={() => go({ state: '' })}>
            {words(at.state)}
          </Tag>
        ) : null}
        <div className="ml-auto">
          <KeyHelp selectable={false} peek={false} />
        </div>
      </div>
      <div
        className={cn('panel overflow-auto transition-opacity', found.isPlaceholderData && 'opacity-60')}
        aria-busy={found.isFetching}
      >
        {found.isPending ? (
          <TableSkeleton columns={6} />
        ) : found.error && !found.data ? (
          <div className="p-4">
            <Failure error={found.error} retry={() => found.refetch()} />
          </div>
        ) : rows.length === 0 ? (
          <Nothing title={at.q ? 'No return fits' : 'Nothing waits here'}>
            {at.q
              ? 'Try the number of the return or the order, an email address or a tracking number.'
              : 'What buyers ask for appears by itself.'}
          </Nothing>
        ) : (
          <table className="grid-table">
            <caption className="sr-only">Returns</caption>
            <thead>
              <tr>
                <th scope="col">Return</th>
                <th scope="col">Order</th>
                <th scope="col">Buyer</th>
                <th scope="col">State</th>
                <th scope="col">Label</th>
                <th scope="col" className="number">
                  Units
                </th>
                <th scope="col">Asked for</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr
                  key={row.id}
                  data-row={index}
                  data-open=""
                  data-current={index === keys.current ? '' : undefined}
                  onClick={(event: MouseEvent) => {
                    if (
                      !(event.target as HTMLElement).closest('a, button, input') &&
                      !window.getSelection()?.toString()
                    )
                      open(row)
                  }}
                >
                  <td>
                    <Link href={returnHref(row.id)} className="font-medium no-underline hover:underline">
                      {row.number}
                    </Link>
                    {row.has_exchange ? (
                      <Badge tone="accent" className="ml-2">
                        Exchange
                      </Badge>
                    ) : null}
                    {row.photos > 0 ? (
                      <span
                        className="ml-2 inline-flex items-center gap-1 text-xs text-muted-foreground"
                        title="Photos"
                      >
                        <Camera aria-hidden="true" className="size-3.5" />
                        <span className="sr-only">Photos: </span>
                        {row.photos}
                      </span>
                    ) : null}
                  </td>
                  <td>
                    <Link
                      href={`/orders/${encodeURIComponent(row.order_id)}`}
                      className="no-underline hover:underline"
                    >
                      {row.order_number}
                    </Link>
                  </td>
                  <td>{row.email}</td>
                  <td>
                    <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge>
                  </td>
                  <td>{row.label ? <Badge tone={toneOf(row.label)}>{words(row.label)}</Badge> : '–'}</td>
                  <td className="number">{row.units}</td>
                  <td>
                    <Time at={row.requested_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {next || at.cursor ? (
        <nav aria-label="Pages" className="mt-3 flex items-center justify-between gap-3">
          <Button
            size="sm"
            variant="outline"
            disabled={!at.cursor}
            onClick={() => go({ cursor: trail.at(-1) ?? '' }, { state: { trail: trail.slice(0, -1) } })}
          >
            <ChevronLeft aria-hidden="true" className="size-4" />
            Previous
          </Button>
          <span className="text-xs text-muted-foreground">Page {trail.length + 1}</span>
          <Button
            size="sm"
            variant="outline"
            disabled={!next}
            onClick={() => next && go({ cursor: next }, { state: { trail: [...trail, at.cursor] } })}
          >
            Next
            <ChevronRight aria-hidden="true" className="size-4" />
          </Button>
        </nav>
      ) : null}
    </div>
  )
}
