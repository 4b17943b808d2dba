import { Button, ChevronLeft, ChevronRight, cn } from '@stoa/ui'
import type { MouseEvent, ReactNode } from 'react'
import type { MoneyValue } from '../api/types'
import { money, number } from '../lib/format'
import { Link, useHistory, usePlace } from '../lib/router'
import { Failure, TableSkeleton } from './states'

type Tab = { label: string; href: string; on: boolean; count?: number | undefined }

/** The queues of a desk, in the order in which somebody should look at them. */
export function Queues({ tabs }: { tabs: Tab[] }) {
  return (
    <nav aria-label="Queues" className="mb-3 flex gap-x-5 overflow-x-auto border-b">
      {tabs.map(({ label, href, on, count }) => (
        <Link
          key={label}
          href={href}
          aria-current={on ? 'page' : undefined}
          className={cn(
            'inline-flex h-9 items-center gap-1.5 border-b-2 px-1 whitespace-nowrap no-underline',
            on
              ? 'border-primary font-medium'
              : 'border-transparent text-muted-foreground hover:text-foreground',
          )}
        >
          {label}
          {count ? <span className="text-xs tabular-nums">{number(count)}</span> : null}
        </Link>
      ))}
    </nav>
  )
}

type Found = {
  isPending: boolean
  isFetching: boolean
  isPlaceholderData: boolean
  error: Error | null
  data: unknown
  refetch: () => unknown
}

/** The frame of a list that is loading, failed, or there: it dims while the next one comes. */
export function ListPanel({
  found,
  columns,
  children,
}: {
  found: Found
  columns: number
  children: ReactNode
}) {
  return (
    <div
      className={cn(
        'panel relative overflow-auto transition-opacity',
        found.isPlaceholderData && 'opacity-60',
      )}
      aria-busy={found.isFetching}
    >
      {found.isPending ? (
        <TableSkeleton columns={columns} />
      ) : found.error && !found.data ? (
        <div className="p-4">
          <Failure error={found.error} retry={() => found.refetch()} />
        </div>
      ) : (
        children
      )}
    </div>
  )
}

/** Whether a press on a row means the row: not when it was on something in it, or marked text. */
export const meansRow = (event: MouseEvent): boolean =>
  !(event.target as HTMLElement).closest('a, button, input, label') && !window.getSelection()?.toString()

/** A row that opens; `current`: the keyboard is on it. */
export function OpenRow({
  index,
  current,
  open,
  children,
}: {
  index: number
  current: boolean
  open: () => void
  children: ReactNode
}) {
  return (
    <tr
      data-row={index}
      data-open=""
      data-current={current ? '' : undefined}
      onClick={(event) => {
        if (meansRow(event)) open()
      }}
    >
      {children}
    </tr>
  )
}

/** Pages there and back: a cursor leads on only, so the way back is kept with the place. */
export function usePages(cursor: string, hrefOf: (cursor: string) => string) {
  const history = useHistory()
  const trail = (usePlace().state as { trail?: string[] } | null)?.trail ?? []
  return {
    page: trail.length + 1,
    next: (to: string) => history.go(hrefOf(to), { state: { trail: [...trail, cursor] } }),
    previous: cursor
      ? () => history.go(hrefOf(trail.at(-1) ?? ''), { state: { trail: trail.slice(0, -1) } })
      : undefined,
  }
}

/** `next` is the cursor of the page after this one. */
export function Pages({
  pages: { page, next: turn, previous },
  next,
}: {
  pages: ReturnType<typeof usePages>
  next: string | null | undefined
}) {
  if (!next && !previous) return null
  return (
    <nav aria-label="Pages" className="mt-3 flex items-center justify-between gap-3">
      <Button size="sm" variant="outline" disabled={!previous} onClick={previous}>
        <ChevronLeft aria-hidden="true" className="size-4" />
        Previous
      </Button>
      <span className="text-xs text-muted-foreground">Page {page}</span>
      <Button size="sm" variant="outline" disabled={!next} onClick={() => next && turn(next)}>
        Next
        <ChevronRight aria-hidden="true" className="size-4" />
      </Button>
    </nav>
  )
}

/** What is done with the rows that were chosen; nothing while there are none. */
export function ChosenBar({
  count,
  onNone,
  children,
}: {
  count: number
  onNone: () => void
  children: ReactNode
}) {
  if (count === 0) return null
  return (
    <div className="sticky bottom-0 z-20 mx-auto mt-3 flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border bg-popover px-3 py-2 shadow-lg">
      <span className="px-1 tabular-nums" aria-live="polite">
        {count} chosen
      </span>
      {children}
      <Button size="sm" variant="ghost" onClick={onNone}>
        Choose none
      </Button>
    </div>
  )
}

/** A column's head; one of numbers stands over them, on the right. */
type Head = string | { number: string }

/** The heads of a table, for its first row. */
export const Heads = ({ of }: { of: Head[] }) =>
  of.map((head) =>
    typeof head === 'string' ? (
      <th key={head} scope="col">
        {head}
      </th>
    ) : (
      <th key={head.number} scope="col" className="number">
        {head.number}
      </th>
    ),
  )

/** A line of what something comes to; `strong`: the last one, which counts. */
export const Sum = ({ label, value, strong }: { label: string; value: MoneyValue; strong?: boolean }) => (
  <div className={cn('flex justify-between gap-4', strong && 'text-base font-semibold')}>
    <dt className={strong ? '' : 'text-muted-foreground'}>{label}</dt>
    <dd className="tabular-nums">{money(value)}</dd>
  </div>
)
