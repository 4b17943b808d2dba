import { Badge, Button, cn, RotateCcw, Sheet, toast } from '@stoa/ui'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../../api/request'
import { PageHead } from '../../components/controls'
import { Failure, Nothing, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { problemText } from '../../lib/problem'

export type FailedJob = {
  id: number
  kind: string
  attempts: number
  last_error: string
  died_at: string
}

const failedJobs = queryOptions({
  queryKey: ['failed-jobs'],
  refetchInterval: 30_000,
  queryFn: ({ signal }) => request<{ jobs: FailedJob[] }>('GET', '/jobs', { signal }),
})

/** Work that was tried often enough and given up. Trying again is safe: jobs have one effect, however often they run. */
export function FailedJobs() {
  const client = useQueryClient()
  const found = useQuery(failedJobs)
  const [look, setLook] = useState<FailedJob | null>(null)
  const replay = useMutation({
    mutationFn: (ids: number[]) => Promise.all(ids.map((id) => request<void>('POST', `/jobs/${id}/replay`))),
    onSuccess: (_answers, ids) => toast(`${ids.length} will be tried again now.`, { tone: 'success' }),
    onError: (error) => toast(problemText(error), { tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: failedJobs.queryKey }),
  })
  const jobs = found.data?.jobs ?? []
  return (
    <div>
      <PageHead
        title="Failed jobs"
        note={found.data ? String(jobs.length) : ''}
        actions={
          jobs.length > 1 ? (
            <Button
              size="sm"
              variant="outline"
              pending={replay.isPending}
              onClick={() => replay.mutate(jobs.map((job) => job.id))}
            >
              <RotateCcw aria-hidden="true" className="size-4" />
              Try all again
            </Button>
          ) : undefined
        }
      />
      <div className="panel overflow-auto">
        {found.isPending ? (
          <TableSkeleton />
        ) : found.error && !found.data ? (
          <div className="p-4">
            <Failure error={found.error} retry={() => found.refetch()} />
          </div>
        ) : jobs.length === 0 ? (
          <Nothing title="Nothing has failed">
            Work that is given up after its last attempt is listed here.
          </Nothing>
        ) : (
          <table className="grid-table">
            <caption className="sr-only">Failed jobs</caption>
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">Why it failed</th>
                <th scope="col" className="number">
                  Attempts
                </th>
                <th scope="col">Failed</th>
                <th scope="col">
                  <span className="sr-only">Try again</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <tr key={job.id}>
                  <td>
                    <button
                      type="button"
                      className="font-medium hover:underline"
                      onClick={() => setLook(job)}
                    >
                      {job.kind}
                    </button>
                  </td>
                  <td className={cn('max-w-md!')}>{job.last_error}</td>
                  <td className="number">{job.attempts}</td>
                  <td>
                    <Time at={job.died_at} />
                  </td>
                  <td className="number">
                    <Button
                      size="sm"
                      variant="ghost"
                      disabled={replay.isPending}
                      onClick={() => replay.mutate([job.id])}
                    >
                      Try again
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <Sheet open={look !== null} onClose={() => setLook(null)} title={look?.kind ?? ''} closeLabel="Close">
        {look ? (
          <div className="space-y-4">
            <Badge tone="destructive">Failed after {look.attempts} attempts</Badge>
            <p className="break-words whitespace-pre-wrap">{look.last_error}</p>
          </div>
        ) : null}
      </Sheet>
    </div>
  )
}
