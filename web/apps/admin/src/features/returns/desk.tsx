import { Badge } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { Camera } from 'lucide-react'
import { useRef } from 'react'
import { type ReturnPlace, type ReturnRow, returnRows } from '../../api/returns'
import { PageHead, Tag } from '../../components/controls'
import { Heads, ListPanel, OpenRow, Pages, Queues, usePages } from '../../components/desk'
import { Nothing } from '../../components/states'
import { Time } from '../../components/time'
import { toneOf, words } from '../../lib/format'
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
  const pages = usePages(at.cursor, (cursor) => returnsHref({ ...at, cursor }))
  const found = useQuery(returnRows(at))
  const rows = found.data?.items ?? []
  const waiting = new Map(found.data?.waiting.map(({ state, count }) => [state, count]))
  const search = useRef<HTMLInputElement>(null)
  const go = (change: Partial<ReturnPlace>, options?: { replace?: boolean }) =>
    history.go(returnsHref({ ...at, cursor: '', ...change }), options)
  const open = (row: ReturnRow | undefined) => row && history.go(returnHref(row.id))
  const keys = useRowKeys(rows.length, { open: (index) => open(rows[index]) })
  useShortcuts({ '/': () => search.current?.focus() })
  return (
    <div>
      <PageHead
        title="Returns"
        actions={
          <Link
            href="/return-rules"
            className="inline-flex h-9 items-center rounded-md px-3 font-medium no-underline hover:bg-muted"
          >
            Rules
          </Link>
        }
      />
      <Queues
        tabs={queues.map(({ state, label }) => ({
          label,
          href: returnsHref({ state }),
          on: !at.q && at.state === state,
          count: waiting.get(state),
        }))}
      />
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
      <ListPanel found={found} columns={6}>
        {rows.length === 0 ? (
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
                <Heads
                  of={['Return', 'Order', 'Buyer', 'State', 'Label', { number: 'Units' }, 'Asked for']}
                />
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <OpenRow key={row.id} index={index} current={index === keys.current} open={() => open(row)}>
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
                </OpenRow>
              ))}
            </tbody>
          </table>
        )}
      </ListPanel>
      <Pages pages={pages} next={found.data?.next_cursor} />
    </div>
  )
}
