import { useQuery } from '@tanstack/react-query'
import { resources, rows } from '../../api/resources'
import type { Resource } from '../../api/types'
import { Panel } from '../../components/controls'
import { Failure } from '../../components/states'
import { Link, useHistory } from '../../lib/router'
import { recordHref } from '../../shell/search'
import { totalText } from './list'
import { RowTable } from './table'

/** Lists that can be narrowed down to one record of a resource, with the filter that does it. Exported for tests. */
export const listsAbout = (name: string, described: readonly Resource[]) =>
  described.flatMap((list) => {
    const filter = list.filters.find((entry) => entry.type === 'reference' && entry.resource === name)
    return filter && list.name !== 'audit' ? [{ list, filter: filter.name }] : []
  })

/** What belongs to a record in other lists: the orders of a customer, the prices of a variant. */
export function RelatedLists({ resource, id }: { resource: Resource; id: string }) {
  const described = useQuery(resources).data ?? []
  return listsAbout(resource.name, described).map(({ list, filter }) => (
    <Related key={list.name} list={list} filter={filter} id={id} />
  ))
}

const SHOWN = 5

function Related({ list, filter, id }: { list: Resource; filter: string; id: string }) {
  const history = useHistory()
  const found = useQuery(
    rows(list.name, new URLSearchParams({ [`filter[${filter}]`]: id, limit: String(SHOWN) }).toString()),
  )
  const all = `/r/${list.name}?filter[${filter}]=${encodeURIComponent(id)}`
  const page = found.data
  // What they all have in common is said by the page that they are on.
  const columns = list.columns.filter((column) => column.name !== filter && !column.minor).slice(0, 6)
  const href = (row: { id: string }) =>
    list.fields.length + list.inlines.length > 0 ? recordHref(list.name, row.id) : null
  return (
    <Panel
      title={
        <>
          {list.label}
          <span className="ml-2 font-normal text-muted-foreground tabular-nums">{totalText(page)}</span>
        </>
      }
      actions={
        page?.rows.length ? (
          <Link href={all} className="text-sm underline underline-offset-4">
            All of them
          </Link>
        ) : undefined
      }
    >
      {found.error && !page ? (
        <div className="p-4">
          <Failure error={found.error} retry={() => found.refetch()} />
        </div>
      ) : !page || page.rows.length === 0 ? (
        <p className="px-4 py-4 text-muted-foreground" aria-busy={found.isPending}>
          {found.isPending ? 'Looking' : 'None.'}
        </p>
      ) : (
        <div className="overflow-x-auto">
          <RowTable
            resource={list}
            columns={columns}
            rows={page.rows}
            label={list.label}
            href={href}
            open={(row) => {
              const to = href(row)
              if (to) history.go(to)
            }}
          />
        </div>
      )}
    </Panel>
  )
}
