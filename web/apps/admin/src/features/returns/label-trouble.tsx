import { Alert, Button, Field, toast } from '@stoa/ui'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { ShipTo } from '../../api/orders'
import { goOnWithoutLabel, makeLabel, type Return } from '../../api/returns'
import { TextInput } from '../../components/controls'
import { fieldErrors, problemText } from '../../lib/problem'
import { useChanged } from './use-changed'

const FIELDS = [
  ['name', 'Name'],
  ['line1', 'Street and number'],
  ['line2', 'Second line'],
  ['postal_code', 'Postal code'],
  ['city', 'City'],
  ['country', 'Country'],
] as const

/** The carrier refused: say why, correct the sender's address, try again or go on without. */
export function LabelTrouble({ one }: { one: Return }) {
  const changed = useChanged(one)
  const [from, setFrom] = useState<ShipTo | null>(null)
  const again = useMutation({
    mutationFn: () => makeLabel(one.id, from ?? undefined),
    onSuccess: (after) => {
      changed(after)
      toast('The label is being made.', { tone: 'success' })
    },
  })
  const without = useMutation({
    mutationFn: () => goOnWithoutLabel(one.id),
    onSuccess: (after) => {
      changed(after)
      toast('It goes on without a label.')
    },
  })
  const errors = fieldErrors(again.error)
  const address = from ?? one.label?.from
  return (
    <div className="space-y-3">
      <Alert tone="error" title="The carrier refused">
        {one.label?.problems.map((problem) => (
          <span key={`${problem.field}${problem.code}${problem.message}`} className="block">
            {problem.message}
          </span>
        ))}
      </Alert>
      {address && from ? (
        <div className="space-y-2">
          {FIELDS.map(([name, label]) => (
            <Field key={name} label={label} error={errors[`from.${name}`]}>
              <TextInput
                value={address[name] ?? ''}
                onChange={(event) => setFrom({ ...address, [name]: event.target.value })}
              />
            </Field>
          ))}
        </div>
      ) : null}
      {(again.error ?? without.error) ? (
        <Alert tone="error">{problemText(again.error ?? without.error)}</Alert>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" pending={again.isPending} onClick={() => again.mutate()}>
          Try again
        </Button>
        {address && !from ? (
          <Button size="sm" variant="outline" onClick={() => setFrom({ ...address })}>
            Correct the address
          </Button>
        ) : null}
        <Button size="sm" variant="ghost" pending={without.isPending} onClick={() => without.mutate()}>
          Go on without a label
        </Button>
      </div>
    </div>
  )
}
