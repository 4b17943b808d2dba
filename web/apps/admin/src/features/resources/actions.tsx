import { isApiError } from '@stoa/api-client'
import { Alert, Button, Dialog, toast } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type ActionPreview, previewAction, runAction } from '../../api/resources'
import type { Action, Resource } from '../../api/types'
import { money } from '../../lib/format'
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
  const look = useMutation({
    mutationFn: (input: Record<string, unknown>) => previewAction(resource.name, action.name, ids, input),
  })
  const send = useMutation({
    mutationFn: (input: Record<string, unknown>) =>
      runAction(resource.name, action.name, ids, input, look.data?.seen),
    onSuccess: (answer) => {
      for (const key of ['rows', 'row', 'history', 'home']) void client.invalidateQueries({ queryKey: [key] })
      toast(answer.message || `${action.label}: ${answer.changed} changed.`, { tone: 'success' })
      onClose(true)
    },
    onError: (error) => {
      // It would do something else by now.
      if (isApiError(error) && error.status === 409) look.reset()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const { body, errors } = changesOf({ fields, inlines: [] }, { fields: drafts, inlines: {} })
    setWrong(errors)
    if (Object.keys(errors).length > 0 || send.isPending || look.isPending) return
    if (action.preview && !look.data) {
      send.reset()
      look.mutate(body)
    } else send.mutate(body)
  }
  const errors = { ...fieldErrors(look.error), ...fieldErrors(send.error), ...wrong }
  const failed = look.error ?? send.error
  return (
    <form onSubmit={submit} className="space-y-4">
      <p>{action.confirm || `For ${ids.length} ${ids.length === 1 ? 'record' : 'records'}.`}</p>
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={drafts[field.name] ?? null}
          error={errors[field.name]}
          onChange={(value) => {
            setDrafts({ ...drafts, [field.name]: value })
            look.reset()
          }}
        />
      ))}
      {look.data ? <Foreseen preview={look.data} /> : null}
      {failed && Object.keys(errors).length === 0 ? <Alert tone="error">{problemText(failed)}</Alert> : null}
      <div className="flex justify-end gap-2">
        <Button size="sm" variant="outline" onClick={() => onClose(false)}>
          Cancel
        </Button>
        <Button
          size="sm"
          type="submit"
          variant={action.danger ? 'destructive' : 'primary'}
          pending={send.isPending || look.isPending}
        >
          {action.preview && !look.data ? 'See what it does' : action.label}
        </Button>
      </div>
    </form>
  )
}

/** What would become of each, before anything does. Exported for tests. */
export function Foreseen({ preview }: { preview: ActionPreview }) {
  return (
    <div className="max-h-72 overflow-auto rounded-md border">
      <table className="w-full text-sm">
        <thead className="sticky top-0 bg-background text-left text-muted-foreground">
          <tr>
            <th className="px-3 py-1.5 font-medium">What</th>
            <th className="px-3 py-1.5 text-right font-medium">Now</th>
            <th className="px-3 py-1.5 text-right font-medium">Then</th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {preview.items.map((item) => (
            <tr key={`${item.id} ${item.note}`}>
              <td className="px-3 py-1.5">
                {item.label}
                {item.note ? <span className="text-muted-foreground">, {item.note}</span> : null}
              </td>
              <td className="px-3 py-1.5 text-right tabular-nums">{item.before ? money(item.before) : ''}</td>
              <td className="px-3 py-1.5 text-right tabular-nums">{item.after ? money(item.after) : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
