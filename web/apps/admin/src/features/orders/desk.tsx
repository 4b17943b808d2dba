import { Badge, Button } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { ClipboardList } from 'lucide-react'
import { useRef, useState } from 'react'
import { type DeskOrder, deskOrders } from '../../api/orders'
import { PageHead, Tag } from '../../components/controls'
import { ChosenBar, Heads, ListPanel, OpenRow, Pages, Queues, usePages } from '../../components/desk'
import { Nothing } from '../../components/states'
import { Time } from '../../components/time'
import { money, toneOf, words } from '../../lib/format'
import { Link, useHistory, usePlace } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { KeyHelp, SearchBox } from '../resources/list'
import { useRowKeys } from '../resources/use-rows'
import { type DeskPlace, deskHref, queues, readDesk } from './queues'

const orderHref = (id: string) => `/orders/${encodeURIComponent(id)}`

/** Orders as work: a queue for each thing to do, found by whatever somebody on the phone can say. */
export function OrderDesk() {
  const history = useHistory()
  const place = usePlace()
  const desk = readDesk(place.query)
  const pages = usePages(desk.cursor, (cursor) => deskHref({ ...desk, cursor }))
  const found = useQuery(deskOrders(desk))
  const rows = found.data?.items ?? []
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const search = useRef<HTMLInputElement>(null)
  const go = (change: Partial<DeskPlace>, options?: { replace?: boolean }) =>
    history.go(deskHref({ ...desk, cursor: '', ...change }), options)
  const toggle = (id: string) => {
    const left = new Set(chosen)
    if (!left.delete(id)) left.add(id)
    setChosen(left)
  }
  const open = (order: DeskOrder | undefined) => order && history.go(orderHref(order.id))
  const keys = useRowKeys(rows.length, {
    open: (index) => open(rows[index]),
    select: (index) => rows[index] && toggle(rows[index].id),
  })
  useShortcuts({ '/': () => search.current?.focus() })
  const all = rows.length > 0 && rows.every((row) => chosen.has(row.id))

  return (
    <div>
      <PageHead title="Order desk" />
      <Queues
        tabs={queues.map(({ state, label }) => ({
          label,
          href: deskHref({ state }),
          on: !desk.q && !desk.tag && desk.state === state,
        }))}
      />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <SearchBox
          input={search}
          value={desk.q}
          placeholder="Number, email, name, SKU, tracking"
          className="w-80"
          onChange={(q) => go({ q, state: q ? '' : 'confirmed' }, { replace: true })}
        />
        {desk.tag ? (
          <Tag removeLabel={`Take away the tag ${desk.tag}`} onRemove={() => go({ tag: '' })}>
            Tag: {desk.tag}
          </Tag>
        ) : null}
        {desk.q && desk.state ? (
          <Tag removeLabel="Search in all queues" onRemove={() => go({ state: '' })}>
            {words(desk.state)}
          </Tag>
        ) : null}
        <div className="ml-auto">
          <KeyHelp selectable peek={false} />
        </div>
      </div>
      <ListPanel found={found} columns={6}>
        {rows.length === 0 ? (
          <Nothing title={desk.q ? 'No order fits' : 'Nothing waits here'}>
            {desk.q
              ? 'Try the number, an email address, a last name, a SKU or a tracking number.'
              : 'New orders appear by themselves.'}
          </Nothing>
        ) : (
          <table className="grid-table">
            <caption className="sr-only">Orders</caption>
            <thead>
              <tr>
                <th className="w-10">
                  <input
                    type="checkbox"
                    className="stoa-check block"
                    aria-label="Choose all orders of this page"
                    checked={all}
                    onChange={() => setChosen(all ? new Set() : new Set(rows.map((row) => row.id)))}
                  />
                </th>
                <Heads
                  of={[
                    'Order',
                    'Recipient',
                    'State',
                    'Payment',
                    { number: 'Items' },
                    { number: 'Total' },
                    'Placed',
                  ]}
                />
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <OpenRow key={row.id} index={index} current={index === keys.current} open={() => open(row)}>
                  <td>
                    <input
                      type="checkbox"
                      className="stoa-check block"
                      aria-label={`Choose ${row.number}`}
                      checked={chosen.has(row.id)}
                      onChange={() => toggle(row.id)}
                    />
                  </td>
                  <td>
                    <Link href={orderHref(row.id)} className="font-medium no-underline hover:underline">
                      {row.number}
                    </Link>
                    {row.tags.map((tag) => (
                      <Badge key={tag} className="ml-2">
                        {tag}
                      </Badge>
                    ))}
                  </td>
                  <td className="max-lg:max-w-40" title={row.name || row.email}>
                    {row.name || row.email}
                    <span className="ml-2 text-xs text-muted-foreground">{row.country}</span>
                  </td>
                  <td>
                    <Badge tone={toneOf(row.state)}>{words(row.state)}</Badge>
                    {row.waiting_units > 0 ? (
                      <Badge className="ml-2">waits for {row.waiting_units}</Badge>
                    ) : null}
                  </td>
                  <td>
                    <Badge tone={toneOf(row.payment_state)}>{words(row.payment_state)}</Badge>
                  </td>
                  <td className="number">{row.item_count}</td>
                  <td className="number">{money(row.total)}</td>
                  <td>
                    <Time at={row.placed_at} />
                  </td>
                </OpenRow>
              ))}
            </tbody>
          </table>
        )}
      </ListPanel>
      <Pages pages={pages} next={found.data?.next_cursor} />
      <ChosenBar count={chosen.size} onNone={() => setChosen(new Set())}>
        <Button
          size="sm"
          variant="secondary"
          disabled={chosen.size > 100}
          onClick={() => history.go(`/picking?orders=${[...chosen].join()}`)}
        >
          <ClipboardList aria-hidden="true" className="size-4" />
          Picking list
        </Button>
      </ChosenBar>
    </div>
  )
}
