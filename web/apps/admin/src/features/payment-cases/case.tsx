import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { Alert, Badge, Button, Field, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { type CaseChoice, type CaseDetail, paymentCase, resolveCase } from '../../api/payment-cases'
import { session } from '../../api/session'
import { PageHead, Panel, TextArea } from '../../components/controls'
import { BlockSkeleton, Failure, Nothing } from '../../components/states'
import { Time } from '../../components/time'
import { money, toneOf, words } from '../../lib/format'
import { may } from '../../lib/permissions'
import { fieldErrors, problemText } from '../../lib/problem'
import { Link, useHistory } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { isRefused } from '../../lib/use-previewed'
import { effectOf, kindOf, wayOf, whatIs } from './words'

/** One case: what differs, and the ways in which it can be resolved. */
export function CasePage({ id }: { id: string }) {
  const history = useHistory()
  const found = useQuery(paymentCase(id))
  const rights = useQuery(session).data?.staff?.permissions ?? []
  useShortcuts({ u: () => history.go('/payment-cases') })
  if (found.isPending) return <BlockSkeleton />
  if (!found.data)
    return isApiError(found.error) && found.error.status === 404 ? (
      <Nothing
        page
        title="There is no such case"
        action={<Link href="/payment-cases">Back to the list</Link>}
      />
    ) : (
      <Failure error={found.error} retry={() => found.refetch()} />
    )
  const { case: seen, choices, owed } = found.data
  const facts: [string, React.ReactNode][] = []
  if (seen.order_id)
    facts.push([
      'Order',
      <Link
        key="order"
        href={`/orders/${encodeURIComponent(seen.order_id)}`}
        className="underline decoration-border underline-offset-4"
      >
        {seen.order_number}
      </Link>,
    ])
  if (seen.amount) facts.push(['Amount', money(seen.amount)])
  if (owed) facts.push(['The buyer owes on the order', money(owed)])
  if (seen.reference) facts.push(['Payment', seen.reference])
  if (seen.transaction_id) facts.push(["The provider's transaction", seen.transaction_id])
  facts.push(['Found', <Time key="found" at={seen.found_at} />])
  return (
    <div className="mx-auto max-w-3xl space-y-4">
      <PageHead
        above={
          <Link href="/payment-cases" className="hover:underline">
            Payments to reconcile
          </Link>
        }
        title={kindOf(seen.kind)}
        note={<Badge tone={toneOf(seen.state)}>{words(seen.state)}</Badge>}
      />
      <Panel title="What differs">
        <div className="space-y-3 p-4">
          <p>{whatIs(seen.kind)}</p>
          <dl className="divide-y">
            {facts.map(([label, value]) => (
              <div key={label} className="flex justify-between gap-4 py-1.5">
                <dt className="text-muted-foreground">{label}</dt>
                <dd className="tabular-nums">{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      </Panel>
      {seen.resolution ? (
        <Panel title="How it was resolved">
          <div className="space-y-1 p-4">
            <p className="font-medium">
              {wayOf(seen.resolution)}
              {seen.moved?.amount ? `, ${money(seen.moved)}` : ''}
            </p>
            <p className="break-words whitespace-pre-wrap">{seen.note}</p>
            <p className="text-xs text-muted-foreground">
              {seen.staff}
              {seen.resolved_at ? (
                <>
                  {' · '}
                  <Time at={seen.resolved_at} />
                </>
              ) : null}
            </p>
          </div>
        </Panel>
      ) : null}
      {seen.state === 'open' && choices.length === 0 ? (
        <Alert tone="info" title="A refund of this payment is under way">
          Its outcome decides what can be done here.
        </Alert>
      ) : null}
      {choices.length && may(rights, 'orders.reconcile') ? (
        <Resolve key={seen.version} detail={found.data} />
      ) : null}
    </div>
  )
}

/** One of the ways, with what it books, and why. */
export function Resolve({ detail }: { detail: CaseDetail }) {
  const client = useQueryClient()
  const [way, setWay] = useState('')
  const [note, setNote] = useState('')
  const [missing, setMissing] = useState('')
  const key = useRef(newIdempotencyKey())
  const choice = detail.choices.find(({ resolution }) => resolution === way)
  const again = () => {
    for (const name of ['payment-cases', 'payment-case', 'desk-order', 'order-money', 'desk'])
      void client.invalidateQueries({ queryKey: [name] })
  }
  const resolve = useMutation({
    mutationFn: (chosen: CaseChoice) => resolveCase(detail.case, chosen, note.trim(), key.current),
    onSuccess: (after) => {
      client.setQueryData(paymentCase(detail.case.id).queryKey, after)
      again()
      toast('The case is resolved.', { tone: 'success' })
    },
    onError: (error) => {
      if (isRefused(error)) key.current = newIdempotencyKey()
      // Somebody was faster, or it would book something else by now.
      if (isApiError(error) && error.status === 409) again()
    },
  })
  const change = () => {
    if (resolve.isError) key.current = newIdempotencyKey()
    resolve.reset()
    setMissing('')
  }
  return (
    <Panel title={detail.case.state === 'open' ? 'Resolve it' : 'It has changed'}>
      <form
        className="space-y-4 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!choice) setMissing('way')
          else if (!note.trim()) setMissing('note')
          else if (!resolve.isPending) resolve.mutate(choice)
        }}
      >
        <fieldset className="space-y-2">
          <legend className="sr-only">In which way</legend>
          {detail.choices.map(({ resolution, amount, within_limit }) => (
            <label key={resolution} className="flex cursor-pointer gap-3 rounded-md border p-3">
              <input
                type="radio"
                name="way"
                className="mt-1"
                value={resolution}
                checked={way === resolution}
                disabled={!within_limit}
                onChange={() => {
                  setWay(resolution)
                  change()
                }}
              />
              <span className="min-w-0 flex-1">
                <span className="flex flex-wrap justify-between gap-2 font-medium">
                  {wayOf(resolution)}
                  {amount ? <span className="tabular-nums">{money(amount)}</span> : null}
                </span>
                <span className="block text-muted-foreground">
                  {effectOf(resolution)}
                  {within_limit ? '' : ' This is above the amount your role may decide.'}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        {missing === 'way' ? <p className="text-destructive">Choose one of the ways.</p> : null}
        <Field
          label="Note"
          hint="Only the staff sees it."
          error={missing === 'note' ? 'Say why, for the books.' : fieldErrors(resolve.error).note}
        >
          <TextArea
            rows={2}
            maxLength={500}
            value={note}
            onChange={(event) => {
              setNote(event.target.value)
              change()
            }}
          />
        </Field>
        {resolve.error ? (
          <Alert tone="error" title="Not resolved">
            {problemText(resolve.error)}
          </Alert>
        ) : null}
        <div className="flex justify-end">
          <Button type="submit" size="sm" pending={resolve.isPending}>
            {choice ? wayOf(choice.resolution) : 'Resolve'}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
