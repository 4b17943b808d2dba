import { cn } from '@stoa/ui'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Column, Resource, Row } from '../../api/types'
import { OpenRow } from '../../components/desk'
import { Link } from '../../lib/router'
import { Cell, isNumeric } from './cell'
import { nextSort } from './list-state'

function RowLink({ href, open, children }: { href: string | null; open: () => void; children: ReactNode }) {
  const look = 'font-medium no-underline hover:underline'
  return href ? (
    <Link href={href} className={look}>
      {children}
    </Link>
  ) : (
    <button type="button" onClick={open} className={look}>
      {children}
    </button>
  )
}

export type Selection = {
  ids: ReadonlySet<string>
  toggle: (id: string, range?: boolean) => void
  toggleAll: () => void
}

/** Rows of a resource. The first cell is the link; a click anywhere else in a row follows it as well. */
export function RowTable({
  resource,
  columns,
  rows,
  label,
  href,
  open,
  current,
  selection,
  sort,
  onSort,
}: {
  resource: Pick<Resource, 'fields' | 'filters'>
  columns: Column[]
  rows: Row[]
  label: string
  href: (row: Row) => string | null
  open: (row: Row) => void
  current?: number
  selection?: Selection | undefined
  sort?: string
  onSort?: (sort: string) => void
}) {
  const optionsOf = (column: Column) =>
    resource.fields.find((field) => field.name === column.name)?.options ??
    resource.filters.find((filter) => filter.name === column.name)?.options
  const titled = Math.max(
    0,
    columns.findIndex((column) => column.type !== 'image' && column.type !== 'reference'),
  )
  const all = selection !== undefined && rows.length > 0 && rows.every((row) => selection.ids.has(row.id))
  return (
    <table className="grid-table">
      <caption className="sr-only">{label}</caption>
      <thead>
        <tr>
          {selection ? (
            <th className="w-10">
              <input
                type="checkbox"
                className="stoa-check block"
                aria-label="Choose all rows of this page"
                checked={all}
                ref={(node) => {
                  if (node) node.indeterminate = !all && rows.some((row) => selection.ids.has(row.id))
                }}
                onChange={selection.toggleAll}
              />
            </th>
          ) : null}
          {columns.map((column) => {
            const up = sort === column.name
            const down = sort === `-${column.name}`
            return (
              <th
                key={column.name}
                scope="col"
                aria-sort={up ? 'ascending' : down ? 'descending' : undefined}
                className={cn(isNumeric(column.type) && 'number')}
              >
                {column.sortable && onSort ? (
                  <button
                    type="button"
                    onClick={() => onSort(nextSort(sort ?? '', column.name))}
                    className="inline-flex items-center gap-1 font-medium hover:text-foreground"
                  >
                    {column.label}
                    {up ? <ArrowUp aria-hidden="true" className="size-3.5" /> : null}
                    {down ? <ArrowDown aria-hidden="true" className="size-3.5" /> : null}
                  </button>
                ) : (
                  column.label
                )}
              </th>
            )
          })}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <OpenRow key={row.id} index={index} current={index === current} open={() => open(row)}>
            {selection ? (
              <td>
                <input
                  type="checkbox"
                  className="stoa-check block"
                  aria-label={`Choose row ${index + 1}`}
                  checked={selection.ids.has(row.id)}
                  onChange={(event) =>
                    selection.toggle(row.id, (event.nativeEvent as unknown as MouseEvent).shiftKey)
                  }
                />
              </td>
            ) : null}
            {columns.map((column, at) => {
              const content = (
                <Cell column={column} value={row[column.name]} options={optionsOf(column) ?? null} of={row} />
              )
              return (
                <td key={column.name} className={cn(isNumeric(column.type) && 'number')}>
                  {at === titled ? (
                    <RowLink href={href(row)} open={() => open(row)}>
                      {content}
                    </RowLink>
                  ) : (
                    content
                  )}
                </td>
              )
            })}
          </OpenRow>
        ))}
      </tbody>
    </table>
  )
}
