import { isApiError } from '@stoa/api-client'
import { Alert, Badge, Button, buttonVariants, Checkbox, Dialog, Field, toast } from '@stoa/ui'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNames } from '../../api/names'
import {
  approve,
  isBeingLabelled,
  labelHref,
  makeLabel,
  oneReturn,
  photoHref,
  type Return,
  reject,
} from '../../api/returns'
import { session } from '../../api/session'
import { PageHead, Panel, TextArea } from '../../components/controls'
import { BlockSkeleton, Failure, Nothing } from '../../components/states'
import { Time } from '../../components/time'
import { carrierName, exactTime, money, toneOf, words } from '../../lib/format'
import { may } from '../../lib/permissions'
import { problemText } from '../../lib/problem'
import { Link, useHistory } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { CloseButton } from './close-button'
import { LabelTrouble } from './label-trouble'
import { Outcome } from './outcome'
import { Receipt } from './receipt-form'
import { useChanged } from './use-changed'

type Rights = { decide: boolean; refund: boolean }

/** One return, with the next thing to do about it. */
export function ReturnPage({ id }: { id: string }) {
  const history = useHistory()
  const found = useQuery(oneReturn(id))
  const held = useQuery(session).data?.staff?.permissions ?? []
  useShortcuts({ u: () => history.go('/returns') })
  if (found.isPending) return <BlockSkeleton />
  if (!found.data)
    return isApiError(found.error) && found.error.status === 404 ? (
      <Nothing
        page
        title="There is no such return"
        action={<Link href="/returns">Back to the returns</Link>}
      />
    ) : (
      <Failure error={found.error} retry={() => found.refetch()} />
    )
  const one = found.data
  const rights = { decide: may(held, 'orders.returns'), refund: may(held, 'orders.refund') }
  return (
    <div className="mx-auto max-w-6xl">
      <PageHead
        above={
          <Link href="/returns" className="hover:underline">
            Returns
          </Link>
        }
        title={one.number}
        note={
          <span className="inline-flex flex-wrap items-center gap-1.5">
            <Badge tone={toneOf(one.state)}>{words(one.state)}</Badge>
            <span title={exactTime(one.requested_at)}>
              asked for <Time at={one.requested_at} />
            </span>
          </span>
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(17rem,1fr)]">
        <div className="min-w-0 space-y-4">
          <NextStep one={one} rights={rights} />
          <Goods one={one} />
          <Photos one={one} />
        </div>
        <div className="min-w-0 space-y-4">
          <Buyer one={one} />
          <Label one={one} may={rights.decide} />
          <Moments one={one} />
        </div>
      </div>
    </div>
  )
}

function NextStep({ one, rights }: { one: Return; rights: Rights }) {
  if (one.state === 'requested') return rights.decide ? <Decision one={one} /> : null
  if (one.state === 'approved')
    return rights.decide ? (
      <>
        <Receipt one={one} />
        <CloseButton one={one} />
      </>
    ) : null
  if (one.state === 'received')
    return rights.decide || rights.refund ? <Outcome one={one} rights={rights} /> : null
  return null
}

function Decision({ one }: { one: Return }) {
  const changed = useChanged(one)
  const [answer, setAnswer] = useState('')
  const [label, setLabel] = useState(true)
  const [refusing, setRefusing] = useState(false)
  const [missing, setMissing] = useState(false)
  const options = {
    onSuccess: (after: Return) => {
      setRefusing(false)
      changed(after)
    },
    // Somebody else was faster: show what they decided.
    onError: (error: unknown) => {
      if (isApiError(error) && error.status === 409) changed()
    },
  }
  const accept = useMutation({
    mutationFn: () => approve(one.id, answer.trim(), label),
    ...options,
    onSuccess: (after) => {
      options.onSuccess(after)
      toast(label ? 'Approved. The label is being made.' : 'Approved.', { tone: 'success' })
    },
  })
  const refuse = useMutation({
    mutationFn: () => reject(one.id, answer.trim()),
    ...options,
    onSuccess: (after) => {
      options.onSuccess(after)
      toast('Refused. The buyer is told why.')
    },
  })
  const error = accept.error ?? (refusing ? null : refuse.error)
  return (
    <Panel title="Decide">
      <form
        className="space-y-3 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!accept.isPending) accept.mutate()
        }}
      >
        <Field label="To the buyer" optional="optional" hint="It stands in the mail and in their account.">
          <TextArea
            rows={2}
            maxLength={1000}
            value={answer}
            onChange={(event) => setAnswer(event.target.value)}
          />
        </Field>
        <Checkbox
          label="With a label from the carrier"
          hint="It is made now and goes with the mail. Without one the buyer sends it as they like."
          checked={label}
          onChange={(event) => setLabel(event.target.checked)}
        />
        {error ? <Alert tone="error">{problemText(error)}</Alert> : null}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" size="sm" pending={accept.isPending}>
            Approve
          </Button>
          <Button size="sm" variant="outline" onClick={() => setRefusing(true)}>
            Refuse
          </Button>
        </div>
      </form>
      <Dialog
        open={refusing}
        onClose={() => setRefusing(false)}
        title={`Refuse ${one.number}`}
        closeLabel="Close"
        footer={
          <div className="flex justify-end gap-2">
            <Button size="sm" variant="outline" onClick={() => setRefusing(false)}>
              Cancel
            </Button>
            <Button
              size="sm"
              variant="destructive"
              pending={refuse.isPending}
              onClick={() => (answer.trim() ? refuse.mutate() : setMissing(true))}
            >
              Refuse
            </Button>
          </div>
        }
      >
        <Field
          label="Why, to the buyer"
          error={missing && !answer.trim() ? 'Say why: the buyer reads it.' : undefined}
        >
          <TextArea
            rows={3}
            maxLength={1000}
            value={answer}
            onChange={(event) => setAnswer(event.target.value)}
          />
        </Field>
        {refuse.error ? <Alert tone="error">{problemText(refuse.error)}</Alert> : null}
      </Dialog>
    </Panel>
  )
}

function Goods({ one }: { one: Return }) {
  const warehouseName = useNames('warehouses')
  const arrived = one.state === 'received' || one.state === 'refunded' || one.state === 'closed'
  return (
    <Panel title="Goods">
      <div className="overflow-x-auto">
        <table className="grid-table">
          <caption className="sr-only">Goods</caption>
          <thead>
            <tr>
              <th scope="col">SKU</th>
              <th scope="col">Name</th>
              <th scope="col">Reason</th>
              <th scope="col" className="number">
                Asked
              </th>
              {arrived ? (
                <>
                  <th scope="col" className="number">
                    Came
                  </th>
                  <th scope="col" className="number">
                    To stock
                  </th>
                  <th scope="col">Condition</th>
                </>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {one.lines.map((line) => (
              <tr key={line.line_id}>
                <td>{line.sku}</td>
                <td className="whitespace-normal!">
                  {line.name} <span className="text-muted-foreground">{line.options_text}</span>
                  {line.exchange_text ? (
                    <span className="block text-xs">
                      <Badge tone="accent">Exchange</Badge> for {line.exchange_text} ({line.exchange_sku})
                    </span>
                  ) : null}
                  {line.comment ? <span className="block text-muted-foreground">{line.comment}</span> : null}
                </td>
                <td>{words(line.reason)}</td>
                <td className="number">{line.quantity}</td>
                {arrived ? (
                  <>
                    <td className="number">{line.received}</td>
                    <td className="number">
                      {line.restocked}
                      {line.restocked > 0 && line.warehouse_id && warehouseName(line.warehouse_id) ? (
                        <span className="block text-xs text-muted-foreground">
                          {warehouseName(line.warehouse_id)}
                        </span>
                      ) : null}
                    </td>
                    <td>{line.received > 0 && line.condition ? words(line.condition) : '–'}</td>
                  </>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {one.comment ? (
        <div className="border-t px-4 py-3">
          <h3 className="text-xs text-muted-foreground">The buyer writes</h3>
          <p className="break-words whitespace-pre-wrap">{one.comment}</p>
        </div>
      ) : null}
      {one.answer ? (
        <div className="border-t px-4 py-3">
          <h3 className="text-xs text-muted-foreground">We wrote</h3>
          <p className="break-words whitespace-pre-wrap">{one.answer}</p>
        </div>
      ) : null}
    </Panel>
  )
}

function Photos({ one }: { one: Return }) {
  if (one.photos.length === 0) return null
  return (
    <Panel title="Photos">
      <ul className="flex flex-wrap gap-3 p-4">
        {one.photos.map((photo, index) => (
          <li key={photo.id}>
            <a href={photoHref(one.id, photo.id)} target="_blank" rel="noreferrer">
              <img
                src={photoHref(one.id, photo.id)}
                alt={`${index + 1} of ${one.photos.length} from the buyer, opens in full size`}
                loading="lazy"
                className="size-36 rounded-md border object-cover"
              />
            </a>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Buyer({ one }: { one: Return }) {
  return (
    <Panel title="Order">
      <div className="space-y-1 p-4">
        <p>
          <Link
            href={`/orders/${encodeURIComponent(one.order_id)}`}
            className="font-medium underline decoration-border underline-offset-4"
          >
            {one.order_number}
          </Link>
        </p>
        <p className="break-words">
          <a href={`mailto:${one.email}`} className="underline decoration-border underline-offset-4">
            {one.email}
          </a>
        </p>
        {one.refunded ? <p>Refunded {money(one.refunded)}</p> : null}
        {one.replacement_id ? (
          <p>
            Replaced by{' '}
            <Link
              href={`/orders/${encodeURIComponent(one.replacement_id)}`}
              className="underline decoration-border underline-offset-4"
            >
              {one.replacement_number}
            </Link>
          </p>
        ) : null}
      </div>
    </Panel>
  )
}

function Label({ one, may: decide }: { one: Return; may: boolean }) {
  const changed = useChanged(one)
  const make = useMutation({
    mutationFn: () => makeLabel(one.id),
    onSuccess: (after) => {
      changed(after)
      toast('The label is being made.', { tone: 'success' })
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
  })
  const { label } = one
  if (!label && (one.state !== 'approved' || !decide)) return null
  return (
    <Panel title="Label">
      <div className="space-y-2 p-4">
        {label ? (
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={toneOf(label.state)}>
              {isBeingLabelled(one) ? 'Being made' : words(label.state)}
            </Badge>
            {label.carrier ? (
              <span className="text-muted-foreground">{carrierName(label.carrier)}</span>
            ) : null}
          </p>
        ) : (
          <p className="text-muted-foreground">None. The buyer sends it as they like.</p>
        )}
        {label?.tracking_number ? (
          <p>
            {label.tracking_url ? (
              <a
                href={label.tracking_url}
                target="_blank"
                rel="noreferrer"
                className="underline decoration-border underline-offset-4"
              >
                {label.tracking_number}
              </a>
            ) : (
              label.tracking_number
            )}
            {label.status ? <span className="block text-muted-foreground">{label.status}</span> : null}
          </p>
        ) : null}
        {label?.ready ? (
          <a href={labelHref(one.id)} download className={buttonVariants({ size: 'sm', variant: 'outline' })}>
            Download the label
          </a>
        ) : null}
        {label?.state === 'failed' && one.state === 'approved' && decide ? <LabelTrouble one={one} /> : null}
        {one.state === 'approved' && decide && (!label || label.state === 'cancelled') ? (
          <Button size="sm" variant="outline" pending={make.isPending} onClick={() => make.mutate()}>
            Make a label
          </Button>
        ) : null}
      </div>
    </Panel>
  )
}

const MOMENTS: Record<string, string> = {
  requested: 'Asked for',
  approved: 'Approved',
  rejected: 'Refused',
  label_ready: 'Label made',
  handed_over: 'Handed to the carrier',
  arrived: 'Delivered to us',
  received: 'Received and looked at',
  exchanged: 'Replacement ordered',
  refunded: 'Refund granted',
}

function Moments({ one }: { one: Return }) {
  return (
    <Panel title="Timeline">
      <ol className="px-4 py-3">
        {[...one.timeline].reverse().map((entry) => (
          <li key={`${entry.at}/${entry.kind}`} className="flex gap-3 pb-2.5 last:pb-0">
            <span aria-hidden="true" className="mt-1.5 size-2 flex-none rounded-full bg-primary" />
            <span className="min-w-0 flex-1">{MOMENTS[entry.kind] ?? words(entry.kind)}</span>
            <span className="text-xs whitespace-nowrap text-muted-foreground">
              <Time at={entry.at} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
