'use client'
import { Alert, Button, Skeleton } from '@stoa/ui'
import type { UseQueryResult } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { errorKey } from '@/lib/error-message'

/** What every list of the account looks like while it loads, and when it could not be loaded. */
export function Loaded<T>({
  query,
  rows = 3,
  children,
}: {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'isFetching' | 'refetch'>
  /** How many grey rows stand in for what comes. */
  rows?: number
  children: (data: T) => ReactNode
}) {
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  if (query.data !== undefined) return children(query.data)
  if (query.error) {
    return (
      <Alert
        tone="error"
        action={
          <Button size="sm" variant="outline" pending={query.isFetching} onClick={() => query.refetch()}>
            {common('retry')}
          </Button>
        }
      >
        {errors(errorKey(query.error))}
      </Alert>
    )
  }
  return (
    <div role="status" className="grid gap-3">
      <span className="sr-only">{common('loading')}</span>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey boxes have no other name
        <Skeleton key={index} className="h-24 w-full" />
      ))}
    </div>
  )
}
