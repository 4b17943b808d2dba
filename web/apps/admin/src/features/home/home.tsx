import { Skeleton } from '@stoa/ui'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { request } from '../../api/request'
import type { MoneyValue } from '../../api/types'
import { PageHead } from '../../components/controls'
import { Failure, Nothing } from '../../components/states'
import { money, number } from '../../lib/format'
import { Link } from '../../lib/router'

export type Figure = {
  name: string
  label: string
  value: number | MoneyValue
  /** The same time of the day, a week before. */
  before?: number | MoneyValue | null
  resource?: string | null
  query?: string | null
}
export type HomeAnswer = { figures: Figure[]; todo: Figure[] }

export const home = queryOptions({
  queryKey: ['home'],
  refetchInterval: 60_000,
  queryFn: ({ signal }) => request<HomeAnswer>('GET', '/home', { signal }),
})

const show = (value: number | MoneyValue): string =>
  typeof value === 'number' ? number(value) : money(value)
const amountOf = (value: number | MoneyValue): number => (typeof value === 'number' ? value : value.amount)

/** "+12 % on a week ago"; nothing to compare with says nothing. */
export function comparison(now: number | MoneyValue, before: number | MoneyValue | null | undefined): string {
  if (before === null || before === undefined) return ''
  const was = amountOf(before)
  const is = amountOf(now)
  if (was === 0) return is === 0 ? 'as a week ago' : 'none a week ago'
  const percent = Math.round(((is - was) * 100) / was)
  return percent === 0 ? 'as a week ago' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} % on a week ago`
}

const href = (figure: Figure): string | undefined => {
  if (!figure.resource) return undefined
  const query = figure.query ? `?${figure.query}` : ''
  return figure.resource === 'orders' ? `/orders${query}` : `/r/${figure.resource}${query}`
}

export function Home() {
  const found = useQuery(home)
  const today = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' }).format(
    new Date(),
  )
  return (
    <div className="mx-auto max-w-6xl">
      <PageHead title="Today" note={today} />
      {found.error && !found.data ? <Failure error={found.error} retry={() => found.refetch()} /> : null}
      <section
        aria-label="Figures of today"
        className="grid grid-cols-2 gap-3 xl:grid-cols-4"
        aria-busy={found.isFetching}
      >
        {found.isPending
          ? ['a', 'b', 'c', 'd'].map((key) => (
              <div key={key} className="panel space-y-3 p-4">
                <Skeleton className="h-4 w-24" />
                <Skeleton className="h-7 w-32" />
              </div>
            ))
          : found.data?.figures.map((figure) => (
              <div key={figure.name} className="panel p-4">
                <p className="text-muted-foreground">{figure.label}</p>
                <p className="mt-1 text-2xl font-semibold tabular-nums">{show(figure.value)}</p>
                <p className="mt-0.5 min-h-4.5 text-xs text-muted-foreground">
                  {comparison(figure.value, figure.before)}
                </p>
              </div>
            ))}
      </section>
      {found.data ? (
        <section className="mt-6">
          <h2 className="mb-2 text-base font-semibold">What waits for somebody</h2>
          <div className="panel divide-y">
            {found.data.todo.filter((figure) => amountOf(figure.value) > 0).length === 0 ? (
              <Nothing title="Nothing waits">Every queue is empty. That does not happen every day.</Nothing>
            ) : (
              found.data.todo
                .filter((figure) => amountOf(figure.value) > 0)
                .map((figure) => {
                  const target = href(figure)
                  const content = (
                    <>
                      <span className="w-12 text-right text-lg font-semibold tabular-nums">
                        {show(figure.value)}
                      </span>
                      <span>{figure.label}</span>
                    </>
                  )
                  return target ? (
                    <Link
                      key={figure.name}
                      href={target}
                      className="flex items-center gap-4 px-4 py-2.5 no-underline hover:bg-muted"
                    >
                      {content}
                    </Link>
                  ) : (
                    <div key={figure.name} className="flex items-center gap-4 px-4 py-2.5">
                      {content}
                    </div>
                  )
                })
            )}
          </div>
        </section>
      ) : null}
    </div>
  )
}
