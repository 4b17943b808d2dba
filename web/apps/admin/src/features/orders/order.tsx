import { type Address, isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Badge, Button, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { addNote, type DeskDetail, deskOrder, setTags } from '../../api/orders'
import { resources } from '../../api/resources'
import { session } from '../../api/session'
import type { Action } from '../../api/types'
import { PageHead, Panel, Tag, TextArea, TextInput } from '../../components/controls'
import { Heads, Sum } from '../../components/desk'
import { BlockSkeleton, Failure, Nothing } from '../../components/states'
import { Time } from '../../components/time'
import { countryName, exactTime, languageName, money, toneOf, words } from '../../lib/format'
import { may } from '../../lib/permissions'
import { problemText } from '../../lib/problem'
import { Link, useHistory } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { ActionDialog } from '../resources/actions'
import { returnHref } from '../returns/queues'
import { BoughtGiftCards } from './bought-gift-cards'
import { Cases } from './cases'
import { Changes } from './changes'
import { Documents } from './documents'
import { deskHref } from './queues'
import { Refunds } from './refunds'
import { Returns } from './returns'
import { Shipments } from './shipments'
import { entryDetail } from './timeline'

export function OrderPage({ id }: { id: string }) {
  const history = useHistory()
  const found = useQuery(deskOrder(id))
  const me = useQuery(session).data?.staff
  const resource = useQuery(resources).data?.find((entry) => entry.name === 'orders')
  const [action, setAction] = useState<Action | null>(null)
  const client = useQueryClient()
  useShortcuts({ u: () => history.go('/orders') })
  if (found.isPending) return <BlockSkeleton />
  if (!found.data)
    return isApiError(found.error) && found.error.status === 404 ? (
      <Nothing page title="There is no such order" action={<Link href="/orders">Back to the desk</Link>} />
    ) : (
      <Failure error={found.error} retry={() => found.refetch()} />
    )
  const detail = found.data
  const { order } = detail
  const rights = me?.permissions ?? []
  const open = order.state === 'confirmed' || order.state === 'processing'
  return (
    <div className="mx-auto max-w-6xl">
      <PageHead
        above={
          <Link href="/orders" className="hover:underline">
            Order desk
          </Link>
        }
        title={order.number}
        note={
          <span className="inline-flex flex-wrap items-center gap-1.5">
            <Badge tone={toneOf(order.state)}>{words(order.state)}</Badge>
            <Badge tone={toneOf(order.payment_state)}>{words(order.payment_state)}</Badge>
            <span title={exactTime(order.placed_at)}>
              placed <Time at={order.placed_at} />
            </span>
            {detail.replaces ? <Replaces what={detail.replaces} /> : null}
          </span>
        }
        actions={
          <>
            {order.state !== 'pending_payment' &&
            order.state !== 'cancelled' &&
            may(rights, 'orders.edit') ? (
              <Changes id={id} gone={!open} />
            ) : null}
            {resource?.actions.map((entry) => (
              <Button key={entry.name} size="sm" variant="outline" onClick={() => setAction(entry)}>
                {entry.label}
              </Button>
            ))}
          </>
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(17rem,1fr)]">
        <div className="min-w-0 space-y-4">
          <Lines detail={detail} />
          <Shipments id={id} shipments={detail.shipments} open={open} may={may(rights, 'orders.ship')} />
          <Timeline detail={detail} />
        </div>
        <div className="min-w-0 space-y-4">
          <Buyer detail={detail} />
          <Tags id={id} tags={detail.tags} may={may(rights, 'orders.update')} />
          <Notes id={id} notes={detail.notes} may={may(rights, 'orders.update')} />
          <Refunds id={id} may={may(rights, 'orders.refund')} mayEdit={may(rights, 'orders.edit')} />
          <Returns detail={detail} may={may(rights, 'orders.returns')} />
          <Documents number={order.number} email={order.email} may={may(rights, 'orders.update')} />
          <Payments detail={detail} />
          <Cases id={id} />
        </div>
      </div>
      {resource ? (
        <ActionDialog
          resource={resource}
          action={action}
          ids={[id]}
          onClose={(done) => {
            setAction(null)
            if (done)
              for (const key of ['desk', 'desk-order', 'order-money'])
                void client.invalidateQueries({ queryKey: [key] })
          }}
        />
      ) : null}
    </div>
  )
}

/** Where an exchange came from. */
export function Replaces({ what }: { what: NonNullable<DeskDetail['replaces']> }) {
  return (
    <span>
      in exchange, return{' '}
      <Link
        href={returnHref(what.return_id)}
        className="font-medium underline decoration-border underline-offset-4"
      >
        {what.return_number}
      </Link>{' '}
      of{' '}
      <Link
        href={`/orders/${encodeURIComponent(what.order_id)}`}
        className="underline decoration-border underline-offset-4"
      >
        {what.order_number}
      </Link>
    </span>
  )
}

function Lines({ detail: { order } }: { detail: DeskDetail }) {
  const { totals } = order
  const sums: [string, typeof totals.total][] = [['Goods', totals.subtotal]]
  for (const discount of order.discounts)
    sums.push([discount.label, { ...discount.amount, amount: -Math.abs(discount.amount.amount) }])
  if (totals.shipping) sums.push([`Delivery: ${order.shipping.method_name}`, totals.shipping])
  return (
    <Panel title="Goods">
      <div className="overflow-x-auto">
        <table className="grid-table">
          <caption className="sr-only">Goods</caption>
          <thead>
            <tr>
              <Heads of={['SKU', 'Name', { number: 'Quantity' }, { number: 'Price' }, { number: 'Total' }]} />
            </tr>
          </thead>
          <tbody>
            {order.lines.map((line) => (
              <tr key={line.id}>
                <td>{line.sku}</td>
                <td className="whitespace-normal!">
                  {line.name} <span className="text-muted-foreground">{line.options_text}</span>
                  {line.waiting_quantity ? (
                    <span className="block text-sm text-muted-foreground">
                      {line.waiting_quantity} of them not in the house yet
                      {line.expected_on ? `, expected ${line.expected_on}` : ''}
                    </span>
                  ) : null}
                  <BoughtGiftCards cards={line.gift_cards} />
                </td>
                <td className="number">{line.quantity}</td>
                <td className="number">{money(line.unit_price)}</td>
                <td className="number">{money(line.total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <dl className="ml-auto max-w-sm space-y-1 px-4 py-3">
        {sums.map(([label, value]) => (
          <Sum key={label} label={label} value={value} />
        ))}
        <Sum label="Total" value={totals.total} strong />
      </dl>
    </Panel>
  )
}

function AddressLines({ address }: { address: Address }) {
  const lines = [
    [address.first_name, address.last_name].filter(Boolean).join(' '),
    address.company,
    address.line1,
    address.line2,
    [address.postal_code, address.city].filter(Boolean).join(' '),
    countryName(address.country),
  ].filter(Boolean)
  return <address className="whitespace-pre-line not-italic">{lines.join('\n')}</address>
}

function Buyer({ detail }: { detail: DeskDetail }) {
  const { order } = detail
  const same = JSON.stringify(order.shipping_address) === JSON.stringify(order.billing_address)
  return (
    <Panel title="Buyer">
      <div className="space-y-3 p-4">
        <p className="break-words">
          <a href={`mailto:${order.email}`} className="underline decoration-border underline-offset-4">
            {order.email}
          </a>
          {detail.phone ? (
            <a href={`tel:${detail.phone}`} className="mt-0.5 block">
              {detail.phone}
            </a>
          ) : null}
          {detail.customer_id ? (
            <Link
              href={`/r/customers/${encodeURIComponent(detail.customer_id)}`}
              className="mt-0.5 block underline decoration-border underline-offset-4"
            >
              Customer account
            </Link>
          ) : (
            <span className="mt-0.5 block text-muted-foreground">
              Guest, writes in {languageName(order.locale)}
            </span>
          )}
        </p>
        <div>
          <h3 className="text-xs text-muted-foreground">
            {same ? 'Delivered and billed to' : 'Delivered to'}
          </h3>
          <AddressLines address={order.shipping_address} />
          {order.shipping.service_point ? (
            <p className="mt-1 text-muted-foreground">Picked up at {order.shipping.service_point.name}</p>
          ) : null}
        </div>
        {same ? null : (
          <div>
            <h3 className="text-xs text-muted-foreground">Billed to</h3>
            <AddressLines address={order.billing_address} />
          </div>
        )}
      </div>
    </Panel>
  )
}

function Tags({ id, tags, may }: { id: string; tags: string[]; may: boolean }) {
  const client = useQueryClient()
  const [typed, setTyped] = useState('')
  const save = useMutation({
    mutationFn: (next: string[]) => setTags(id, next),
    onSuccess: ({ tags: saved }) => {
      client.setQueryData(deskOrder(id).queryKey, (old) => (old ? { ...old, tags: saved } : old))
      void client.invalidateQueries({ queryKey: ['desk'] })
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
  })
  const add = (event: FormEvent) => {
    event.preventDefault()
    const tag = typed.trim()
    if (tag && !tags.includes(tag)) save.mutate([...tags, tag])
    setTyped('')
  }
  if (!may && tags.length === 0) return null
  return (
    <Panel title="Tags">
      <div className="space-y-2 p-4">
        {tags.length ? (
          <ul className="flex flex-wrap gap-1.5">
            {tags.map((tag) => (
              <li key={tag}>
                {may ? (
                  <Tag
                    removeLabel={`Take the tag ${tag} away`}
                    onRemove={() => save.mutate(tags.filter((other) => other !== tag))}
                  >
                    <Link href={deskHref({ tag })} className="no-underline hover:underline">
                      {tag}
                    </Link>
                  </Tag>
                ) : (
                  <Tag>{tag}</Tag>
                )}
              </li>
            ))}
          </ul>
        ) : null}
        {may ? (
          <form onSubmit={add}>
            <TextInput
              aria-label="New tag"
              placeholder="New tag, Enter adds it"
              maxLength={40}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </form>
        ) : null}
      </div>
    </Panel>
  )
}

function Notes({ id, notes, may }: { id: string; notes: DeskDetail['notes']; may: boolean }) {
  const client = useQueryClient()
  const [typed, setTyped] = useState('')
  const key = useRef(newIdempotencyKey())
  const add = useMutation({
    mutationFn: () => addNote(id, typed.trim(), key.current),
    onSuccess: ({ items }) => {
      key.current = newIdempotencyKey()
      setTyped('')
      client.setQueryData(deskOrder(id).queryKey, (old) => (old ? { ...old, notes: items } : old))
    },
    onError: (error) => {
      if (isApiError(error) && error.status < 500) key.current = newIdempotencyKey()
    },
  })
  if (!may && notes.length === 0) return null
  return (
    <Panel title="Notes">
      {notes.length ? (
        <ul className="divide-y border-b">
          {notes.map((note) => (
            <li key={`${note.at}/${note.body}`} className="px-4 py-2.5">
              <p className="break-words whitespace-pre-wrap">{note.body}</p>
              <p className="mt-0.5 text-xs text-muted-foreground">
                {note.author} · <Time at={note.at} />
              </p>
            </li>
          ))}
        </ul>
      ) : null}
      {may ? (
        <form
          className="space-y-2 p-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (typed.trim() && !add.isPending) add.mutate()
          }}
        >
          <TextArea
            rows={2}
            aria-label="New note"
            placeholder="Only the staff sees it"
            maxLength={4000}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          {add.error ? <p className="text-destructive">{problemText(add.error)}</p> : null}
          {typed.trim() ? (
            <Button type="submit" size="sm" variant="secondary" pending={add.isPending}>
              Add the note
            </Button>
          ) : null}
        </form>
      ) : null}
    </Panel>
  )
}

function Payments({ detail }: { detail: DeskDetail }) {
  if (detail.payments.length === 0) return null
  return (
    <Panel title="Payments">
      <ul className="divide-y">
        {detail.payments.map((payment) => (
          <li key={payment.id} className="px-4 py-2.5">
            <p className="flex flex-wrap items-center justify-between gap-2">
              <span className="flex items-center gap-2">
                <Badge tone={toneOf(payment.state)}>{words(payment.state)}</Badge>
                {payment.label || words(payment.method)}
              </span>
              <span className="tabular-nums">{money(payment.amount)}</span>
            </p>
            <p className="text-xs text-muted-foreground">
              {payment.reference} · <Time at={payment.created_at} />
              {payment.decline !== 'none' ? ` · ${words(payment.decline)}` : ''}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** What happened, newest first: the buyer's timeline says it in words, the rest is told by its kind. */
function Timeline({ detail }: { detail: DeskDetail }) {
  const told = new Map(detail.order.timeline.map((entry) => [`${entry.at}/${entry.kind}`, entry.text]))
  const entries = [...detail.history].reverse()
  return (
    <Panel title="Timeline">
      <ol className="px-4 py-3">
        {entries.map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added
          <li key={`${entry.at}/${index}`} className="flex gap-3 pb-2.5 last:pb-0">
            <span aria-hidden="true" className="mt-1.5 size-2 flex-none rounded-full bg-primary" />
            <span className="min-w-0 flex-1">
              {told.get(`${entry.at}/${entry.kind}`) ?? words(entry.kind)}
              <span className="ml-2 text-xs text-muted-foreground">
                {entryDetail(detail.order.number, entry)}
              </span>
            </span>
            <span className="text-xs whitespace-nowrap text-muted-foreground">
              <Time at={entry.at} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
