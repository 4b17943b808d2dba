import { useQuery } from '@tanstack/react-query'
import { type HistoryEntry, history } from '../../api/resources'
import type { Resource, Value } from '../../api/types'
import { Panel } from '../../components/controls'
import { BlockSkeleton, Failure, Nothing } from '../../components/states'
import { Time } from '../../components/time'
import { deed, words } from '../../lib/format'
import { changesBetween, valueText } from './changes'

const VERBS: Record<string, string> = {
  create: 'created it',
  update: 'changed it',
  delete: 'deleted it',
  import: 'imported it',
}

const lowered = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

export function HistoryList({ resource, id }: { resource: Resource; id: string }) {
  const found = useQuery(history(resource.name, id))
  if (found.isPending) return <BlockSkeleton />
  if (found.error && !found.data) return <Failure error={found.error} retry={() => found.refetch()} />
  const entries = found.data ?? []
  return (
    <Panel>
      {entries.length === 0 ? (
        <Nothing title="Nothing was changed here yet">
          Every change by somebody of the staff is listed here.
        </Nothing>
      ) : (
        <ol className="divide-y">
          {entries.map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added
            <li key={`${entry.at}/${index}`} className="px-4 py-3">
              <EntryText entry={entry} />
              <Changes
                before={entry.before}
                after={entry.after}
                labelOf={(name) =>
                  resource.fields.find((field) => field.name === name)?.label ??
                  resource.inlines.find((inline) => inline.name === name)?.label
                }
              />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}

const EntryText = ({ entry }: { entry: HistoryEntry }) => (
  <p>
    <span className="font-medium">{entry.staff_name ?? entry.staff?.name ?? 'The system'}</span>{' '}
    {VERBS[entry.action] ?? lowered(deed(entry.action))}
    <span className="ml-2 text-xs text-muted-foreground">
      <Time at={entry.at} />
    </span>
  </p>
)

export function Changes({
  before,
  after,
  labelOf,
}: {
  before: Value
  after: Value
  labelOf?: (name: string) => string | undefined
}) {
  const changes = changesBetween(before, after)
  if (changes.length === 0) return null
  return (
    <dl className="mt-2 grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-4 gap-y-1 text-sm">
      {changes.map((change) => (
        <div key={change.name} className="contents">
          <dt className="text-muted-foreground">{labelOf?.(change.name) ?? words(change.name)}</dt>
          <dd className="min-w-0 break-words">
            {before ? (
              <>
                <del className="text-muted-foreground decoration-1">{valueText(change.before)}</del>
                <span aria-hidden="true" className="mx-1.5 text-muted-foreground">
                  →
                </span>
                <span className="sr-only"> became </span>
              </>
            ) : null}
            <ins className="no-underline">{valueText(change.after)}</ins>
          </dd>
        </div>
      ))}
    </dl>
  )
}
