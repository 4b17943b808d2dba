import { Badge, cn, Skeleton } from '@stoa/ui'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { deskOrders } from '../../api/orders'
import { request } from '../../api/request'
import { session } from '../../api/session'
import type { MoneyValue } from '../../api/types'
import { PageHead, Panel } from '../../components/controls'
import { Heads, OpenRow } from '../../components/desk'
import { Failure, Nothing, TableSkeleton } from '../../components/states'
import { Time } from '../../components/time'
import { money, number, toneOf, words } from '../../lib/format'
import { may } from '../../lib/permissions'
import { Link, useHistory } from '../../lib/router'
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

const grid = 'grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-4'

/** Work that waits is counted by where it is done; what came in today is not work. Exported for tests. */
export const isWork = (figure: Figure): boolean => !figure.money && figure.link !== 'orders'
const isNothing = (figure: Figure): boolean => (figure.money?.amount ?? figure.value ?? 0) === 0

/** What came in today, what waits for somebody, and the latest orders. */
export function Home() {
  const found = useQuery(home)
  const me = useQuery(session).data?.staff
  const today = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' }).format(
    new Date(),
  )
  const figures = found.data ?? []
  // Gift cards are not sold every day, and a line of noughts says nothing.
  const came = figures.filter(
    (figure) => !isWork(figure) && !(figure.name.startsWith('gift_cards') && isNothing(figure)),
  )
  const work = figures.filter(isWork)
  return (
    <div className="mx-auto max-w-6xl space-y-4">
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
      {came.length ? (
        <ul aria-label="Came in today" className={grid}>
          {came.map((figure) => (
            <li key={figure.name} className="panel">
              <FigureCard figure={figure} />
            </li>
          ))}
        </ul>
      ) : null}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_18rem]">
        {may(me?.permissions ?? [], 'orders.read') ? <LatestOrders /> : <span className="max-lg:hidden" />}
        {work.length ? (
          <Panel title="Waits for somebody" className="max-lg:order-first">
            <ul className="divide-y">
              {work.map((figure) => (
                <li key={figure.name}>
                  <WorkLine figure={figure} />
                </li>
              ))}
            </ul>
          </Panel>
        ) : null}
      </div>
    </div>
  )
}

const figureText = (figure: Figure) => (figure.money ? money(figure.money) : number(figure.value ?? 0))

function WorkLine({ figure }: { figure: Figure }) {
  const target = pageOf(figure.link)
  const none = isNothing(figure)
  const line = (
    <>
      <span className={cn(none && 'text-muted-foreground')}>{figure.label}</span>
      <span className={cn('tabular-nums', none ? 'text-muted-foreground' : 'font-semibold')}>
        {figureText(figure)}
      </span>
    </>
  )
  const look = 'flex items-baseline justify-between gap-3 px-4 py-2'
  return target ? (
    <Link href={target} className={cn(look, 'no-underline hover:bg-muted')}>
      {line}
    </Link>
  ) : (
    <div className={look}>{line}</div>
  )
}

const SHOWN = 8

function LatestOrders() {
  const history = useHistory()
  const found = useQuery({
    ...deskOrders({ state: '', q: '', tag: '', cursor: '' }),
    refetchInterval: 60_000,
  })
  const orders = (found.data?.items ?? []).slice(0, SHOWN)
  const hrefOf = (id: string) => `/orders/${encodeURIComponent(id)}`
  return (
    <Panel
      title="Latest orders"
      actions={
        orders.length ? (
          <Link href="/orders?state=" className="text-sm underline underline-offset-4">
            All orders
          </Link>
        ) : undefined
      }
    >
      {found.isPending ? (
        <TableSkeleton rows={SHOWN} columns={4} />
      ) : found.error && !found.data ? (
        <div className="p-4">
          <Failure error={found.error} retry={() => found.refetch()} />
        </div>
      ) : orders.length === 0 ? (
        <Nothing title="No orders yet">The first one appears here by itself.</Nothing>
      ) : (
        <div className="overflow-x-auto">
          <table className="grid-table">
            <caption className="sr-only">Latest orders</caption>
            <thead>
              <tr>
                <Heads of={['Order', 'Recipient', 'State', 'Payment', { number: 'Total' }, 'Placed']} />
              </tr>
            </thead>
            <tbody>
              {orders.map((order, index) => (
                <OpenRow
                  key={order.id}
                  index={index}
                  current={false}
                  open={() => history.go(hrefOf(order.id))}
                >
                  <td className="font-medium">
                    <Link href={hrefOf(order.id)} className="no-underline hover:underline">
                      {order.number}
                    </Link>
                  </td>
                  <td>{order.name}</td>
                  <td>
                    <Badge tone={toneOf(order.state)}>{words(order.state)}</Badge>
                  </td>
                  <td>
                    <Badge tone={toneOf(order.payment_state)}>{words(order.payment_state)}</Badge>
                  </td>
                  <td className="number">{money(order.total)}</td>
                  <td>
                    <Time at={order.placed_at} />
                  </td>
                </OpenRow>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

function FigureCard({ figure }: { figure: Figure }) {
  const content = (
    <>
      <span className="block text-muted-foreground">{figure.label}</span>
      <span className="mt-1 block text-2xl font-semibold tabular-nums">{figureText(figure)}</span>
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
