import { Skeleton } from '@stoa/ui'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { request } from '../../api/request'
import type { MoneyValue } from '../../api/types'
import { PageHead } from '../../components/controls'
import { Failure, Nothing } from '../../components/states'
import { money, number } from '../../lib/format'
import { Link } from '../../lib/router'
import { pageOf } from './link'

type Figure = {
  name: string
  label: string
  link?: string | null
  value?: number | null
  money?: MoneyValue | null
}

const home = queryOptions({
  queryKey: ['home'],
  refetchInterval: 60_000,
  queryFn: async ({ signal }) => (await request<{ figures: Figure[] }>('GET', '/home', { signal })).figures,
})

const grid = 'grid grid-cols-2 gap-3 md:grid-cols-3 2xl:grid-cols-6'

/** Today's figures, each with the way to what it counts. */
export function Home() {
  const found = useQuery(home)
  const today = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' }).format(
    new Date(),
  )
  return (
    <div className="mx-auto max-w-6xl">
      <PageHead title="Today" note={today} />
      {found.error && !found.data ? <Failure error={found.error} retry={() => found.refetch()} /> : null}
      {found.isPending ? (
        <div role="status" aria-label="Loading" className={grid}>
          {['a', 'b', 'c', 'd'].map((key) => (
            <div key={key} className="panel space-y-3 p-4">
              <Skeleton className="h-4 w-24" />
              <Skeleton className="h-7 w-32" />
            </div>
          ))}
        </div>
      ) : null}
      {found.data?.length === 0 ? (
        <Nothing title="There are no figures for your role">The pages of your work are at the left.</Nothing>
      ) : null}
      <ul className={grid}>
        {found.data?.map((figure) => (
          <li key={figure.name} className="panel">
            <FigureCard figure={figure} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function FigureCard({ figure }: { figure: Figure }) {
  const text = figure.money ? money(figure.money) : number(figure.value ?? 0)
  const content = (
    <>
      <span className="block text-muted-foreground">{figure.label}</span>
      <span className="mt-1 block text-2xl font-semibold tabular-nums">{text}</span>
    </>
  )
  const target = pageOf(figure.link)
  return target ? (
    <Link href={target} className="block rounded-lg p-4 no-underline hover:bg-muted">
      {content}
    </Link>
  ) : (
    <div className="p-4">{content}</div>
  )
}
