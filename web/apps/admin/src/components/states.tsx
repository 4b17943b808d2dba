import { ApiError } from '@stoa/api-client'
import { Alert, Button, Skeleton } from '@stoa/ui'
import type { ReactNode } from 'react'
import { problemText } from '../lib/problem'

/** What failed, in words, with the way to try again, and the number that support finds it by. */
export function Failure({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  const id = error instanceof ApiError ? error.requestId : undefined
  return (
    <Alert
      tone="error"
      title={title ?? 'This could not be loaded'}
      action={
        retry ? (
          <Button size="sm" variant="outline" onClick={retry}>
            Try again
          </Button>
        ) : undefined
      }
    >
      {problemText(error)}
      {id ? <span className="mt-1 block text-xs opacity-85">Request {id}</span> : null}
    </Alert>
  )
}

/** `page`: it stands in place of a whole page, and is its heading. */
export function Nothing({
  title,
  children,
  action,
  page = false,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
  page?: boolean
}) {
  const Title = page ? 'h1' : 'p'
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <Title className="text-base font-medium">{title}</Title>
      {children ? <p className="mt-1 max-w-md text-balance text-muted-foreground">{children}</p> : null}
      {action ? (
        <div className="mt-4 flex gap-2 [&_a]:underline [&_a]:underline-offset-4">{action}</div>
      ) : null}
    </div>
  )
}

export function TableSkeleton({ rows = 8, columns = 5 }: { rows?: number; columns?: number }) {
  return (
    <div role="status" aria-label="Loading" className="divide-y">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nothing but a place
        <div key={row} className="flex gap-6 px-4 py-3">
          {Array.from({ length: columns }, (_, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: nothing but a place
            <Skeleton key={column} className={column === 0 ? 'h-4 w-48' : 'h-4 flex-1'} />
          ))}
        </div>
      ))}
    </div>
  )
}

export const BlockSkeleton = () => (
  <div role="status" aria-label="Loading" className="panel space-y-4 p-5">
    <Skeleton className="h-5 w-56" />
    <Skeleton className="h-9 w-full" />
    <Skeleton className="h-9 w-full" />
    <Skeleton className="h-24 w-full" />
  </div>
)
