import { Button } from '@stoa/ui'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { request } from '../../api/request'
import type { Value } from '../../api/types'
import { PageHead, Panel } from '../../components/controls'
import { Failure, Nothing, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { words } from '../../lib/format'
import { Link, useHistory, usePlace } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { recordHref } from '../../shell/search'
import { Changes } from '../resources/history'
import { SearchBox } from '../resources/list'

type AuditEntry = {
  number: number
  at: string
  staff_name: string
  action: string
  resource: string
  object_id: string
  before: Value
  after: Value
  ip: string
}
type AuditPage = { entries: AuditEntry[]; next_cursor?: string | null }

/** Everything the staff did, newest first. The log is append-only and chained; nobody can change it here. */
export function AuditLog() {
  const history = useHistory()
  const q = usePlace().query.get('q') ?? ''
  const search = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => search.current?.focus() })
  const found = useInfiniteQuery({
    queryKey: ['audit', q],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams()
      if (q) query.set('q', q)
      if (pageParam) query.set('cursor', pageParam)
      return request<AuditPage>('GET', '/audit', { query, signal })
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const entries = found.data?.pages.flatMap((page) => page.entries) ?? []
  return (
    <div className="mx-auto max-w-5xl">
      <PageHead title="Audit log" />
      <div className="mb-3">
        <SearchBox
          input={search}
          value={q}
          placeholder="Name, action or record"
          onChange={(text) =>
            history.go(text ? `/audit?${new URLSearchParams({ q: text })}` : '/audit', { replace: true })
          }
        />
      </div>
      <Panel>
        {found.isPending ? (
          <TableSkeleton />
        ) : found.error && !found.data ? (
          <div className="p-4">
            <Failure error={found.error} retry={() => found.refetch()} />
          </div>
        ) : entries.length === 0 ? (
          <Nothing title={q ? 'Nothing fits' : 'Nothing was done yet'} />
        ) : (
          <ol className="divide-y">
            {entries.map((entry) => (
              <li key={entry.number} className="px-4 py-3">
                <p>
                  <span className="font-medium">{entry.staff_name}</span> ·{' '}
                  {words(entry.action).toLowerCase()} ·{' '}
                  <Link
                    href={recordHref(entry.resource, entry.object_id)}
                    className="underline decoration-border underline-offset-4"
                  >
                    {words(entry.resource).toLowerCase()} {entry.object_id}
                  </Link>
                  <span className="ml-2 text-xs text-muted-foreground">
                    <Time at={entry.at} /> {entry.ip ? `· ${entry.ip}` : ''}
                  </span>
                </p>
                <Changes before={entry.before} after={entry.after} />
              </li>
            ))}
          </ol>
        )}
      </Panel>
      {found.hasNextPage ? (
        <div className="mt-3 text-center">
          <Button
            size="sm"
            variant="outline"
            pending={found.isFetchingNextPage}
            onClick={() => found.fetchNextPage()}
          >
            Show earlier ones
          </Button>
        </div>
      ) : null}
    </div>
  )
}
