import { isApiError } from '@stoa/api-client'
import { Badge, Button } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { useState } from 'react'
import { row as rowQuery, titleOf } from '../../api/resources'
import type { Action, Column, FieldKind, Inline, Resource, Row, Value } from '../../api/types'
import { PageHead, Panel } from '../../components/controls'
import { BlockSkeleton, Failure, Nothing } from '../../components/states'
import { Time } from '../../components/time'
import { toneOf, words } from '../../lib/format'
import { Link, useHistory } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { ActionDialog } from '../resources/actions'
import { Cell, isNumeric } from '../resources/cell'
import { HistoryList } from '../resources/history'
import { groupsOf } from '../resources/record'
import { WithResource } from '../resources/use-resource'

export const OrderPage = ({ id }: { id: string }) => (
  <WithResource name="orders">{(resource) => <Order resource={resource} id={id} />}</WithResource>
)

function Order({ resource, id }: { resource: Resource; id: string }) {
  const history = useHistory()
  const found = useQuery(rowQuery('orders', id))
  const [action, setAction] = useState<Action | null>(null)
  useShortcuts({ u: () => history.go('/orders') })
  if (found.isPending) return <BlockSkeleton />
  if (!found.data)
    return isApiError(found.error) && found.error.status === 404 ? (
      <Nothing title="There is no such order" action={<Link href="/orders">Back to the desk</Link>} />
    ) : (
      <Failure error={found.error} retry={() => found.refetch()} />
    )
  const row = found.data
  const states = ['state', 'status', 'payment_state', 'fulfilment_state']
  const inStates = (name: string) => states.includes(name)
  const facts = resource.fields.filter((field) => !inStates(field.name))
  const groups = groupsOf(facts)
  const tables = resource.inlines.filter((inline) => inline.name !== 'timeline')
  const timeline = resource.inlines.find((inline) => inline.name === 'timeline')
  return (
    <div className="mx-auto max-w-6xl">
      <PageHead
        above={
          <Link href="/orders" className="hover:underline">
            Order desk
          </Link>
        }
        title={titleOf(resource, row)}
        note={
          <span className="flex flex-wrap gap-1.5">
            {states.map((name) => {
              const value = row[name]
              if (typeof value !== 'string' || !value) return null
              const label = resource.fields
                .find((field) => field.name === name)
                ?.options?.find((option) => option.value === value)?.label
              return (
                <Badge key={name} tone={toneOf(value)}>
                  {label ?? words(value)}
                </Badge>
              )
            })}
          </span>
        }
        actions={
          <>
            {resource.can.update ? (
              <Button
                size="sm"
                variant="outline"
                onClick={() => history.go(`/r/orders/${encodeURIComponent(id)}`)}
              >
                <Pencil aria-hidden="true" className="size-4" />
                Edit
              </Button>
            ) : null}
            {resource.actions.map((entry) => (
              <Button
                key={entry.name}
                size="sm"
                variant={entry.danger ? 'outline' : 'secondary'}
                onClick={() => setAction(entry)}
              >
                {entry.label}
              </Button>
            ))}
          </>
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(16rem,1fr)]">
        <div className="min-w-0 space-y-4">
          {tables.map((inline) => (
            <Panel key={inline.name} title={inline.label}>
              <InlineTable inline={inline} value={row[inline.name]} />
            </Panel>
          ))}
          {timeline ? (
            <Panel title={timeline.label}>
              <Timeline inline={timeline} value={row.timeline} />
            </Panel>
          ) : null}
          <section>
            <h2 className="mb-2 text-sm font-semibold">What the staff changed</h2>
            <HistoryList resource={resource} id={id} />
          </section>
        </div>
        <div className="min-w-0 space-y-4">
          {groups.map((group) => (
            <Panel key={group.name} title={group.name}>
              <Facts fields={group.fields} row={row} />
            </Panel>
          ))}
        </div>
      </div>
      <ActionDialog resource={resource} action={action} ids={[id]} onClose={() => setAction(null)} />
    </div>
  )
}

function Facts({ fields, row }: { fields: FieldKind[]; row: Row }) {
  const known = fields.filter(
    (field) => row[field.name] !== null && row[field.name] !== undefined && row[field.name] !== '',
  )
  if (known.length === 0) return <p className="px-4 py-3 text-muted-foreground">Nothing yet.</p>
  return (
    <dl className="divide-y">
      {known.map((field) => (
        <div key={field.name} className="flex flex-wrap justify-between gap-x-4 px-4 py-2">
          <dt className="text-muted-foreground">{field.label}</dt>
          <dd className="min-w-0 text-right break-words tabular-nums">
            <Fact field={field} value={row[field.name]} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** An address or another object of words reads as lines. */
function Fact({ field, value }: { field: FieldKind; value: Value }) {
  if (field.type === 'json' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const lines = Object.entries(value).filter(([, line]) => typeof line === 'string' && line !== '')
    return (
      <span className="block whitespace-pre-line">{lines.map(([, line]) => String(line)).join('\n')}</span>
    )
  }
  return (
    <Cell
      column={{ type: field.type, resource: field.resource ?? null }}
      value={value}
      options={field.options ?? null}
    />
  )
}

const rowsOf = (value: Value): Row[] => (Array.isArray(value) ? (value as Row[]) : [])

function InlineTable({ inline, value }: { inline: Inline; value: Value }) {
  const rows = rowsOf(value)
  const columns: Column[] = inline.columns.length ? inline.columns : inline.fields
  if (rows.length === 0) return <p className="px-4 py-3 text-muted-foreground">None.</p>
  return (
    <div className="overflow-x-auto">
      <table className="grid-table">
        <caption className="sr-only">{inline.label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={isNumeric(column.type) ? 'number' : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={row.id ?? index}>
              {columns.map((column) => (
                <td key={column.name} className={isNumeric(column.type) ? 'number' : undefined}>
                  <Cell column={column} value={row[column.name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Timeline({ inline, value }: { inline: Inline; value: Value }) {
  const rows = rowsOf(value)
  const columns: Column[] = inline.columns.length ? inline.columns : inline.fields
  const when = columns.find((column) => column.type === 'datetime')
  const rest = columns.filter((column) => column !== when)
  if (rows.length === 0) return <p className="px-4 py-3 text-muted-foreground">Nothing has happened yet.</p>
  return (
    <ol className="px-4 py-3">
      {rows.map((row, index) => (
        <li key={row.id ?? index} className="relative flex gap-3 pb-3 last:pb-0">
          <span aria-hidden="true" className="mt-1.5 size-2 flex-none rounded-full bg-primary" />
          <div className="min-w-0 flex-1">
            {rest
              .filter(
                (column) =>
                  row[column.name] !== null && row[column.name] !== undefined && row[column.name] !== '',
              )
              .map((column, at) => (
                <span key={column.name} className={at ? 'ml-2 text-muted-foreground' : undefined}>
                  <Cell column={column} value={row[column.name]} />
                </span>
              ))}
          </div>
          {when ? (
            <span className="text-xs whitespace-nowrap text-muted-foreground">
              <Time at={String(row[when.name])} />
            </span>
          ) : null}
        </li>
      ))}
    </ol>
  )
}
