import { cn } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { rows as rowsQuery } from '../../api/resources'
import type { Resource } from '../../api/types'
import { PageHead } from '../../components/controls'
import { Failure, Nothing, TableSkeleton } from '../../components/states'
import { Link, useHistory } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { recordHref } from '../../shell/search'
import { ChosenFilters, FilterMenu } from '../resources/filters'
import { KeyHelp, Pager, SearchBox, totalText } from '../resources/list'
import { addressOf, queryOf } from '../resources/list-state'
import { RowTable } from '../resources/table'
import { WithResource } from '../resources/use-resource'
import { useList, useRowKeys, useRows } from '../resources/use-rows'
import { type Queue, queueOf, queuesOf } from './queues'

/** Orders as work: what waits for somebody, by queue, with the oldest first. */
export const OrderDesk = () => (
  <WithResource name="orders">{(resource) => <Desk resource={resource} />}</WithResource>
)

function Desk({ resource }: { resource: Resource }) {
  const history = useHistory()
  const list = useList('/orders')
  const { state } = list
  const queues = queuesOf(resource)
  // Without anything in the address the desk begins with what there is to do.
  const bare = !state.q && Object.keys(state.filters).length === 0 && !state.view
  const first = queues[0]
  const shown = bare && first ? { ...state, filters: first.filters } : state
  const queue = bare ? first : queueOf(queues, state.filters)
  const found = useRows('orders', shown)
  const rows = found.data?.rows ?? []
  const search = useRef<HTMLInputElement>(null)
  const open = (id: string) => history.go(recordHref('orders', id))
  const keys = useRowKeys(rows.length, { open: (index) => rows[index] && open(rows[index].id) })
  useShortcuts({ '/': () => search.current?.focus() })
  const own = new Set(Object.keys(queue?.filters ?? {}))
  const further = Object.fromEntries(Object.entries(shown.filters).filter(([name]) => !own.has(name)))

  return (
    <div>
      <PageHead title="Order desk" note={totalText(found.data)} />
      <nav aria-label="Queues" className="mb-3 flex gap-x-5 overflow-x-auto border-b">
        {queues.map((entry) => (
          <QueueTab key={entry.key} queue={entry} on={entry === queue} sort={state.sort} />
        ))}
      </nav>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <SearchBox
          input={search}
          value={state.q}
          placeholder="Number, name, email, SKU"
          // A search looks everywhere: whoever is on the phone does not know the queue.
          onChange={(q) => list.change({ q, ...(bare || q ? { view: 'all' } : {}) }, { replace: true })}
        />
        <FilterMenu
          filters={resource.filters}
          values={shown.filters}
          onChange={(filters) => list.change({ filters, view: Object.keys(filters).length ? '' : 'all' })}
        />
        <ChosenFilters
          filters={resource.filters}
          values={further}
          onChange={(left) => list.change({ filters: { ...queue?.filters, ...left } })}
        />
        <div className="ml-auto">
          <KeyHelp selectable={false} peek={false} />
        </div>
      </div>
      <div
        className={cn('panel overflow-auto transition-opacity', found.isPlaceholderData && 'opacity-60')}
        aria-busy={found.isFetching}
      >
        {found.isPending ? (
          <TableSkeleton />
        ) : found.error && !found.data ? (
          <div className="p-4">
            <Failure error={found.error} retry={() => found.refetch()} />
          </div>
        ) : rows.length === 0 ? (
          <Nothing title={state.q ? 'No order fits' : 'Nothing waits here'}>
            {state.q
              ? 'Try the number, an email address or a part of a name.'
              : 'New orders appear by themselves.'}
          </Nothing>
        ) : (
          <RowTable
            resource={resource}
            columns={resource.columns}
            rows={rows}
            label={`Orders: ${queue?.label ?? 'found'}`}
            href={(row) => recordHref('orders', row.id)}
            open={(row) => open(row.id)}
            current={keys.current}
            sort={state.sort}
            onSort={(sort) => list.change({ sort, view: state.view || (bare ? '' : state.view) })}
          />
        )}
      </div>
      <Pager page={found.data} list={list} />
    </div>
  )
}

function QueueTab({ queue, on, sort }: { queue: Queue; on: boolean; sort: string }) {
  const state = { q: '', filters: queue.filters, sort, cursor: '', view: queue.key === 'all' ? 'all' : '' }
  const count = useQuery({
    ...rowsQuery('orders', queryOf({ ...state, view: '', sort: '' }, 1).toString()),
    refetchInterval: 60_000,
  })
  return (
    <Link
      href={`/orders${addressOf(state)}`}
      aria-current={on ? 'page' : undefined}
      className={cn(
        'inline-flex h-9 items-center gap-2 border-b-2 px-1 whitespace-nowrap no-underline',
        on ? 'border-primary font-medium' : 'border-transparent text-muted-foreground hover:text-foreground',
      )}
    >
      {queue.label}
      <span className="text-xs text-muted-foreground tabular-nums">{totalText(count.data)}</span>
    </Link>
  )
}
