import { isApiError } from '@stoa/api-client'
import { Alert, Button, Field, toast } from '@stoa/ui'
import { useState } from 'react'
import { useWarehouses } from '../../api/names'
import { type Received, type Return, receive } from '../../api/returns'
import { Choice, Panel, TextInput } from '../../components/controls'
import { words } from '../../lib/format'
import { problemText } from '../../lib/problem'
import { useOnce } from '../../lib/use-once'
import { CONDITIONS, receiptOf, sentFrom, wholeReceipt } from './receipt'
import { useChanged } from './use-changed'

/** What came back, in which condition, and where it goes: back on stock, or written off. */
export function Receipt({ one }: { one: Return }) {
  const changed = useChanged(one)
  const [draft, setDraft] = useState(() => wholeReceipt(one))
  const [errors, setErrors] = useState<Record<string, string>>({})
  const warehouses = useWarehouses()
  const [warehouse, setWarehouse] = useState('')
  const book = useOnce({
    act: (receipt: { lines: Received[]; warehouse: string }, key) =>
      receive(one.id, receipt.lines, receipt.warehouse, key),
    done: (after) => {
      changed(after)
      toast('Received. The buyer is told.', { tone: 'success' })
    },
    failed: (error) => {
      if (isApiError(error) && error.status === 409) changed()
    },
  })
  const change = (id: string, part: Partial<(typeof draft)[string]>) => {
    const line = draft[id]
    if (!line) return
    setDraft({ ...draft, [id]: { ...line, ...part } })
    setErrors({})
    book.reset()
  }
  return (
    <Panel title="Receive">
      <form
        className="space-y-3 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (book.isPending) return
          const made = receiptOf(one, draft)
          if ('errors' in made) setErrors(made.errors)
          else book.mutate({ lines: made.lines, warehouse })
        }}
      >
        <p className="text-muted-foreground">What does not go back to stock is written off.</p>
        <div className="overflow-x-auto">
          <table className="w-full text-left">
            <caption className="sr-only">What came back</caption>
            <thead className="text-xs text-muted-foreground">
              <tr>
                <th scope="col" className="py-1 font-normal">
                  Goods
                </th>
                <th scope="col" className="py-1 pl-3 font-normal">
                  Came
                </th>
                <th scope="col" className="py-1 pl-3 font-normal">
                  Condition
                </th>
                <th scope="col" className="py-1 pl-3 font-normal">
                  To stock
                </th>
              </tr>
            </thead>
            <tbody>
              {one.lines.map((line) => {
                const typed = draft[line.line_id]
                const name = `${line.name} ${line.options_text}`.trim()
                const wrong = errors[line.line_id]
                return (
                  <tr key={line.line_id} className="align-top">
                    <td className="py-1.5">
                      {line.name} <span className="text-muted-foreground">{line.options_text}</span>
                      <span className="block text-xs text-muted-foreground">of {line.quantity}</span>
                      {wrong ? (
                        <span role="alert" className="block text-destructive">
                          {wrong}
                        </span>
                      ) : null}
                    </td>
                    <td className="py-1.5 pl-3">
                      <TextInput
                        inputMode="numeric"
                        aria-label={`Units of ${name} that came`}
                        aria-invalid={wrong ? true : undefined}
                        className="w-16! text-right tabular-nums"
                        value={typed?.received ?? ''}
                        onChange={(event) => change(line.line_id, { received: event.target.value })}
                      />
                    </td>
                    <td className="py-1.5 pl-3">
                      <Choice
                        aria-label={`Condition of ${name}`}
                        className="w-32"
                        value={typed?.condition}
                        onChange={(event) =>
                          change(line.line_id, {
                            condition: event.target.value,
                            // What nobody would buy again is not meant for the shelf.
                            ...(event.target.value === 'damaged' ? { restocked: '0' } : {}),
                          })
                        }
                      >
                        {CONDITIONS.map((condition) => (
                          <option key={condition} value={condition}>
                            {words(condition)}
                          </option>
                        ))}
                      </Choice>
                    </td>
                    <td className="py-1.5 pl-3">
                      <TextInput
                        inputMode="numeric"
                        aria-label={`Units of ${name} that go to stock`}
                        aria-invalid={wrong ? true : undefined}
                        className="w-16! text-right tabular-nums"
                        value={typed?.restocked ?? ''}
                        onChange={(event) => change(line.line_id, { restocked: event.target.value })}
                      />
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
        {warehouses.length > 1 ? (
          <Field label="Into the warehouse">
            <Choice
              value={warehouse}
              onChange={(event) => {
                setWarehouse(event.target.value)
                book.reset()
              }}
            >
              <option value="">{sentFrom(one, warehouses)}</option>
              {warehouses.map((entry) => (
                <option key={entry.id} value={entry.id}>
                  {entry.name}
                </option>
              ))}
            </Choice>
          </Field>
        ) : null}
        {errors[''] ? (
          <p role="alert" className="text-destructive">
            {errors['']}
          </p>
        ) : null}
        {book.error ? <Alert tone="error">{problemText(book.error)}</Alert> : null}
        <Button type="submit" size="sm" pending={book.isPending}>
          Book the receipt
        </Button>
      </form>
    </Panel>
  )
}
