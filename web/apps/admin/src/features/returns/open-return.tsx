import { Alert, Button, Checkbox, Dialog, Field, toast } from '@stoa/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type DeskDetail, deskOrder } from '../../api/orders'
import { type NewReturn, openReturn, REASONS } from '../../api/returns'
import { Choice, TextArea, TextInput } from '../../components/controls'
import { words } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { useHistory } from '../../lib/router'
import { useOnce } from '../../lib/use-once'
import { type LineWish, newReturnOf, noWish, type ReturnDraft } from './new-return'
import { returnHref } from './queues'

/** For a buyer who called, or who sent goods back without asking. */
export function OpenReturn({ detail }: { detail: DeskDetail }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="sm" variant="outline" onClick={() => setOpen(true)}>
        Open a return
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={`What comes back of ${detail.order.number}`}
        closeLabel="Close"
      >
        {open ? <Form detail={detail} /> : null}
      </Dialog>
    </>
  )
}

function Form({ detail: { order } }: { detail: DeskDetail }) {
  const client = useQueryClient()
  const history = useHistory()
  const [draft, setDraft] = useState<ReturnDraft>({ lines: {}, comment: '', override: false })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const goods = order.lines.filter((line) => !line.gift_cards?.length)
  const send = useOnce({
    act: (wish: NewReturn, key) => openReturn(order.id, wish, key),
    done: (made) => {
      void client.invalidateQueries({ queryKey: ['returns'] })
      void client.invalidateQueries({ queryKey: deskOrder(order.id).queryKey })
      toast(`${made.number} waits for a decision.`, { tone: 'success' })
      history.go(returnHref(made.id))
    },
  })
  const change = (part: Partial<ReturnDraft>) => {
    setDraft({ ...draft, ...part })
    setErrors({})
    send.reset()
  }
  const changeLine = (id: string, part: Partial<LineWish>) =>
    change({ lines: { ...draft.lines, [id]: { ...noWish, ...draft.lines[id], ...part } } })
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (send.isPending) return
        const made = newReturnOf(goods, draft)
        if ('errors' in made) setErrors(made.errors)
        else send.mutate(made.wish)
      }}
    >
      <ul className="divide-y">
        {goods.map((line) => (
          <li key={line.id} className="py-2 first:pt-0">
            <Goods
              line={line}
              wish={draft.lines[line.id] ?? noWish}
              error={errors[line.id]}
              onChange={(part) => changeLine(line.id, part)}
            />
          </li>
        ))}
      </ul>
      <Field label="What the buyer said" optional="optional" hint="They see it in their account.">
        <TextArea
          rows={2}
          maxLength={1000}
          value={draft.comment}
          onChange={(event) => change({ comment: event.target.value })}
        />
      </Field>
      <Checkbox
        label="Although the rules of returns do not allow it"
        hint="After the time for returns, and of goods that are not taken back."
        checked={draft.override}
        onChange={(event) => change({ override: event.target.checked })}
      />
      {errors[''] ? (
        <p role="alert" className="text-destructive">
          {errors['']}
        </p>
      ) : null}
      {send.error ? (
        <Alert tone="error" title="Not opened">
          {problemText(send.error)}
        </Alert>
      ) : null}
      <div className="flex justify-end">
        <Button type="submit" size="sm" pending={send.isPending}>
          Open the return
        </Button>
      </div>
    </form>
  )
}

type Line = DeskDetail['order']['lines'][number]

function Goods({
  line,
  wish,
  error,
  onChange,
}: {
  line: Line
  wish: LineWish
  error: string | undefined
  onChange: (part: Partial<LineWish>) => void
}) {
  const name = `${line.name} ${line.options_text}`.trim()
  return (
    <>
      <div className="flex items-center gap-3">
        <span className="min-w-0 flex-1">
          {line.name} <span className="text-xs text-muted-foreground">{line.options_text}</span>
        </span>
        <TextInput
          inputMode="numeric"
          aria-label={`Units of ${name} that come back`}
          aria-invalid={error ? true : undefined}
          className="w-16! text-right tabular-nums"
          placeholder="0"
          value={wish.units}
          onChange={(event) => onChange({ units: event.target.value })}
        />
        <span className="w-14 text-muted-foreground tabular-nums">of {line.quantity}</span>
      </div>
      {wish.units.trim() ? (
        <div className="mt-2 grid gap-2 sm:grid-cols-2">
          <Choice
            aria-label={`Why ${name} comes back`}
            value={wish.reason}
            onChange={(event) => onChange({ reason: event.target.value as LineWish['reason'] })}
          >
            <option value="">Why?</option>
            {REASONS.map((reason) => (
              <option key={reason} value={reason}>
                {words(reason)}
              </option>
            ))}
          </Choice>
          <TextInput
            aria-label={`What is wrong with ${name}`}
            placeholder="More about it"
            maxLength={500}
            value={wish.comment}
            onChange={(event) => onChange({ comment: event.target.value })}
          />
        </div>
      ) : null}
      {error ? (
        <p role="alert" className="mt-1 text-destructive">
          {error}
        </p>
      ) : null}
    </>
  )
}
