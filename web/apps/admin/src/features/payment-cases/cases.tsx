import { Badge } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { type CaseState, type PaymentCase, paymentCases } from '../../api/payment-cases'
import { PageHead } from '../../components/controls'
import { Heads, ListPanel, OpenRow, Pages, Queues, usePages } from '../../components/desk'
import { Nothing } from '../../components/states'
import { Time } from '../../components/time'
import { money, toneOf } from '../../lib/format'
import { Link, useHistory, usePlace } from '../../lib/router'
import { useRowKeys } from '../resources/use-rows'
import { kindOf, wayOf } from './words'

export const caseHref = (id: string) => `/payment-cases/${encodeURIComponent(id)}`
const listHref = (state: CaseState, cursor = '') => {
  const query = new URLSearchParams()
  if (state === 'resolved') query.set('state', state)
  if (cursor) query.set('cursor', cursor)
  const text = query.toString()
  return text ? `/payment-cases?${text}` : '/payment-cases'
}

/** Payments that differ between our books and the provider's, for somebody to decide about. */
export function PaymentCases() {
  const history = useHistory()
  const { query } = usePlace()
  const state: CaseState = query.get('state') === 'resolved' ? 'resolved' : 'open'
  const cursor = query.get('cursor') ?? ''
  const pages = usePages(cursor, (next) => listHref(state, next))
  const found = useQuery(paymentCases({ state, cursor }))
  const rows = found.data?.items ?? []
  const open = (row: PaymentCase | undefined) => row && history.go(caseHref(row.id))
  const keys = useRowKeys(rows.length, { open: (index) => open(rows[index]) })
  return (
    <div>
      <PageHead title="Payments to reconcile" />
      <Queues
        tabs={[
          { label: 'To decide', href: listHref('open'), on: state === 'open' },
          { label: 'Resolved', href: listHref('resolved'), on: state === 'resolved' },
        ]}
      />
      <ListPanel found={found} columns={5}>
        {rows.length === 0 ? (
          <Nothing title={state === 'open' ? 'Nothing waits here' : 'No case was resolved yet'}>
            Every night our books are compared with those of the payment provider.
          </Nothing>
        ) : (
          <table className="grid-table">
            <caption className="sr-only">Payments to reconcile</caption>
            <thead>
              <tr>
                <Heads
                  of={[
                    'Case',
                    'Order',
                    { number: 'Amount' },
                    'Found',
                    ...(state === 'resolved' ? ['Resolved', 'By'] : ['Payment']),
                  ]}
                />
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <OpenRow key={row.id} index={index} current={index === keys.current} open={() => open(row)}>
                  <td>
                    <Link href={caseHref(row.id)} className="font-medium no-underline hover:underline">
                      {kindOf(row.kind)}
                    </Link>
                  </td>
                  <td>
                    {row.order_id ? (
                      <Link
                        href={`/orders/${encodeURIComponent(row.order_id)}`}
                        className="no-underline hover:underline"
                      >
                        {row.order_number}
                      </Link>
                    ) : (
                      '–'
                    )}
                  </td>
                  <td className="number">{row.amount ? money(row.amount) : '–'}</td>
                  <td>
                    <Time at={row.found_at} />
                  </td>
                  {state === 'resolved' ? (
                    <>
                      <td>
                        <Badge tone={toneOf('resolved')}>{wayOf(row.resolution ?? '')}</Badge>
                      </td>
                      <td>{row.staff}</td>
                    </>
                  ) : (
                    <td>{row.reference}</td>
                  )}
                </OpenRow>
              ))}
            </tbody>
          </table>
        )}
      </ListPanel>
      <Pages pages={pages} next={found.data?.next_cursor} />
    </div>
  )
}
