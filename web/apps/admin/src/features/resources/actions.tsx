import { Alert, Button, Dialog, toast } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { runAction } from '../../api/resources'
import type { Action, Resource } from '../../api/types'
import { fieldErrors, problemText } from '../../lib/problem'
import { changesOf, type Drafts, draftsOf } from './draft'
import { FieldInput } from './fields'

/** Asks what an action needs to know, runs it for the records, and says what became of it. */
export function ActionDialog({
  resource,
  action,
  ids,
  onClose,
}: {
  resource: Resource
  action: Action | null
  ids: string[]
  onClose: (done: boolean) => void
}) {
  return (
    <Dialog
      open={action !== null}
      onClose={() => onClose(false)}
      title={action?.label ?? ''}
      closeLabel="Close"
    >
      {action ? <Content resource={resource} action={action} ids={ids} onClose={onClose} /> : null}
    </Dialog>
  )
}

function Content({
  resource,
  action,
  ids,
  onClose,
}: {
  resource: Resource
  action: Action
  ids: string[]
  onClose: (done: boolean) => void
}) {
  const client = useQueryClient()
  const fields = action.fields ?? []
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(fields, {}))
  const [wrong, setWrong] = useState<Record<string, string>>({})
  const send = useMutation({
    mutationFn: (input: Record<string, unknown>) => runAction(resource.name, action.name, ids, input),
    onSuccess: (answer) => {
      for (const key of ['rows', 'row', 'history', 'home']) void client.invalidateQueries({ queryKey: [key] })
      toast(answer.message || `${action.label}: ${answer.changed} changed.`, { tone: 'success' })
      onClose(true)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const { body, errors } = changesOf({ fields, inlines: [] }, { fields: drafts, inlines: {} })
    setWrong(errors)
    if (Object.keys(errors).length === 0 && !send.isPending) send.mutate(body)
  }
  const errors = { ...fieldErrors(send.error), ...wrong }
  return (
    <form onSubmit={submit} className="space-y-4">
      <p>{action.confirm || `For ${ids.length} ${ids.length === 1 ? 'record' : 'records'}.`}</p>
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={drafts[field.name] ?? null}
          error={errors[field.name]}
          onChange={(value) => setDrafts({ ...drafts, [field.name]: value })}
        />
      ))}
      {send.error && Object.keys(errors).length === 0 ? (
        <Alert tone="error">{problemText(send.error)}</Alert>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button size="sm" variant="outline" onClick={() => onClose(false)}>
          Cancel
        </Button>
        <Button
          size="sm"
          type="submit"
          variant={action.danger ? 'destructive' : 'primary'}
          pending={send.isPending}
        >
          {action.label}
        </Button>
      </div>
    </form>
  )
}
