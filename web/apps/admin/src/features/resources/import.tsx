import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Alert, Button, Field } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { FileUp } from 'lucide-react'
import { type DragEvent, useState } from 'react'
import { exportHref, type ImportAnswer, importRows } from '../../api/resources'
import type { Resource } from '../../api/types'
import { PageHead, Panel } from '../../components/controls'
import { number } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { Link } from '../../lib/router'
import { WithResource } from './use-resource'

export const Import = ({ name }: { name: string }) => (
  <WithResource name={name}>{(resource) => <Steps resource={resource} />}</WithResource>
)

/** A file is tried first, which changes nothing and tells what it would do; then it is taken over as it was tried. */
function Steps({ resource }: { resource: Resource }) {
  const client = useQueryClient()
  const [file, setFile] = useState<{ name: string; content: string; key: string } | null>(null)
  const [unread, setUnread] = useState('')
  const trial = useMutation({ mutationFn: (content: string) => importRows(resource.name, content) })
  const real = useMutation({
    // One key for each choice of a file: what is sent again after a lost answer has one effect.
    mutationFn: (taken: { content: string; key: string }) =>
      importRows(resource.name, taken.content, taken.key),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['rows'] })
      void client.invalidateQueries({ queryKey: ['row'] })
    },
  })
  const take = async (chosen: File | undefined) => {
    if (!chosen) return
    trial.reset()
    real.reset()
    setUnread('')
    try {
      const content = await chosen.text()
      setFile({ name: chosen.name, content, key: newIdempotencyKey() })
      trial.mutate(content)
    } catch {
      setUnread('The file could not be read.')
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    void take(event.dataTransfer.files[0])
  }
  const list = `/r/${resource.name}`
  // Since the trial something else may have changed.
  const refused = isApiError(real.error, 'admin.import_failed')
    ? (real.error.details.import as ImportAnswer | undefined)
    : undefined
  const ready = trial.data && trial.data.errors.length === 0 && !real.data
  return (
    <div className="mx-auto max-w-3xl">
      <PageHead
        above={
          <Link href={list} className="hover:underline">
            {resource.label}
          </Link>
        }
        title={`Import ${resource.label.toLowerCase()}`}
      />
      <div className="space-y-4">
        <Panel title="1. Choose a CSV file">
          {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a second way beside the field */}
          <div className="space-y-3 p-4" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
            <p className="text-muted-foreground">
              The first line names the columns, as in{' '}
              {resource.can.export ? (
                <a
                  className="underline"
                  href={exportHref(resource.name, new URLSearchParams(), 'csv')}
                  download
                >
                  an export
                </a>
              ) : (
                'an export'
              )}
              . Rows with an id change that record; rows without one make a new record. Nothing happens before
              you have seen what would.
            </p>
            <Field label="CSV file" error={unread}>
              <input
                type="file"
                accept=".csv,text/csv"
                className="control file:mr-3 file:rounded file:border-0 file:bg-secondary file:px-3 file:py-1 file:font-medium"
                onChange={(event) => take(event.target.files?.[0])}
              />
            </Field>
            <p className="flex items-center gap-2 text-xs text-muted-foreground">
              <FileUp aria-hidden="true" className="size-4" />
              It can also be dropped here.
            </p>
          </div>
        </Panel>
        {file && (trial.isPending || trial.data || trial.error) ? (
          <Panel title="2. What it would do">
            <div className="space-y-3 p-4" aria-live="polite">
              {trial.isPending ? <p>Trying {file.name}…</p> : null}
              {trial.error ? (
                <Alert tone="error" title={`${file.name} cannot be imported`}>
                  {problemText(trial.error)}
                </Alert>
              ) : null}
              {trial.data ? <Outcome answer={trial.data} trial /> : null}
            </div>
          </Panel>
        ) : null}
        {ready && file ? (
          <Panel title="3. Import">
            <div className="space-y-3 p-4">
              {real.error ? (
                refused ? (
                  <Outcome answer={refused} />
                ) : (
                  <Alert tone="error" title="Not imported">
                    {problemText(real.error)}
                  </Alert>
                )
              ) : null}
              <Button size="sm" pending={real.isPending} onClick={() => real.mutate(file)}>
                Import {number(trial.data?.rows ?? 0)} rows
              </Button>
            </div>
          </Panel>
        ) : null}
        {real.data ? (
          <Panel title="Done">
            <div className="space-y-3 p-4">
              <Outcome answer={real.data} />
              <Link href={list} className="underline">
                See the list
              </Link>
            </div>
          </Panel>
        ) : null}
      </div>
    </div>
  )
}

function Outcome({ answer, trial = false }: { answer: ImportAnswer; trial?: boolean }) {
  const parts = [
    [answer.created, trial ? 'would be made' : 'made'],
    [answer.updated, trial ? 'would be changed' : 'changed'],
    [answer.unchanged, trial ? 'would stay as they are' : 'stayed as they were'],
  ] as const
  return (
    <>
      <p>
        {number(answer.rows)} rows read
        {parts
          .filter(([count]) => typeof count === 'number')
          .map(([count, words]) => `, ${number(count ?? 0)} ${words}`)
          .join('')}
        .
      </p>
      {answer.ignored?.length ? (
        <p className="text-muted-foreground">
          Not taken, since only the list has it: {answer.ignored.join(', ')}.
        </p>
      ) : null}
      {answer.errors.length ? (
        <>
          <Alert tone="error" title={`${number(answer.errors.length)} rows are not right`}>
            Correct them in the file and choose it again. Nothing was changed.
          </Alert>
          <div className="max-h-96 overflow-auto rounded-md border">
            <table className="grid-table">
              <caption className="sr-only">Rows that are not right</caption>
              <thead>
                <tr>
                  <th scope="col" className="number">
                    Row
                  </th>
                  <th scope="col">Column</th>
                  <th scope="col">What is wrong</th>
                </tr>
              </thead>
              <tbody>
                {answer.errors.map((error) => (
                  <tr key={`${error.row}/${error.field}/${error.message}`}>
                    <td className="number">{error.row}</td>
                    <td>{error.field ?? ''}</td>
                    <td className="whitespace-normal!">{error.message}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      ) : null}
    </>
  )
}
