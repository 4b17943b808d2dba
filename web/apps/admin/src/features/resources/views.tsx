import { Button, cn, Dialog, Field, toast, X } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { deleteView, type SavedView, saveView, views } from '../../api/resources'
import { TextInput } from '../../components/controls'
import { problemText } from '../../lib/problem'
import { Link } from '../../lib/router'
import { addressOf, type ListState, readList, savedOf } from './list-state'

/** Saved views as tabs. What is shown can be kept under a name as soon as it is not the plain list. */
export function ViewTabs({
  resource,
  label,
  base,
  state,
}: {
  resource: string
  label: string
  base: string
  state: ListState
}) {
  const client = useQueryClient()
  const known = useQuery(views)
  const [naming, setNaming] = useState(false)
  const mine = (known.data ?? []).filter((view) => view.resource === resource)
  const here = savedOf(state)
  const active =
    mine.find((view) => view.id === state.view) ??
    mine.find((view) => savedOf(readList(new URLSearchParams(view.query))) === here)
  const plain = here === ''
  const differs = active ? savedOf(readList(new URLSearchParams(active.query))) !== here : !plain
  const refresh = () => client.invalidateQueries({ queryKey: views.queryKey })
  const remove = useMutation({
    mutationFn: (view: SavedView) => deleteView(view.id),
    onSuccess: (_answer, view) => {
      void refresh()
      toast(`The view ${view.name} is gone.`, {
        action: {
          label: 'Undo',
          run: () => {
            saveView({ resource: view.resource, name: view.name, query: view.query })
              .then(refresh)
              .catch((error: unknown) => toast(problemText(error), { tone: 'error' }))
          },
        },
      })
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
  })
  const tab = 'inline-flex h-9 items-center border-b-2 px-1 text-sm whitespace-nowrap no-underline'
  if (mine.length === 0 && plain) return null
  return (
    <div className="mb-3 flex items-center gap-x-4 overflow-x-auto border-b">
      <Link
        href={base}
        aria-current={!active && plain ? 'page' : undefined}
        className={cn(
          tab,
          !active && plain
            ? 'border-primary font-medium'
            : 'border-transparent text-muted-foreground hover:text-foreground',
        )}
      >
        {label}
      </Link>
      {mine.map((view) => {
        const on = view === active
        const saved = readList(new URLSearchParams(view.query))
        return (
          <span
            key={view.id}
            className={cn(
              tab,
              on ? 'border-primary font-medium' : 'border-transparent text-muted-foreground',
            )}
          >
            <Link
              href={`${base}${addressOf({ ...saved, cursor: '', view: view.id })}`}
              aria-current={on ? 'page' : undefined}
              className="no-underline hover:text-foreground"
            >
              {view.name}
            </Link>
            {on ? (
              <button
                type="button"
                aria-label={`Delete the view ${view.name}`}
                onClick={() => remove.mutate(view)}
                className="ml-1 grid size-6 place-items-center rounded hover:bg-muted"
              >
                <X aria-hidden="true" className="size-3.5" />
              </button>
            ) : null}
          </span>
        )
      })}
      {differs && !plain ? (
        <button
          type="button"
          onClick={() => setNaming(true)}
          className="ml-auto h-9 px-1 text-sm whitespace-nowrap underline decoration-border underline-offset-4 hover:decoration-current"
        >
          Save this view
        </button>
      ) : null}
      <Dialog open={naming} onClose={() => setNaming(false)} title="Save this view" closeLabel="Close">
        {naming ? (
          <NameView
            known={active?.name ?? ''}
            save={(name) => saveView({ resource, name, query: here })}
            onDone={() => {
              setNaming(false)
              void refresh()
            }}
          />
        ) : null}
      </Dialog>
    </div>
  )
}

function NameView({
  known,
  save,
  onDone,
}: {
  known: string
  save: (name: string) => Promise<SavedView>
  onDone: () => void
}) {
  const [name, setName] = useState(known)
  const [missing, setMissing] = useState('')
  const send = useMutation({ mutationFn: () => save(name.trim()), onSuccess: onDone })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!name.trim()) setMissing('Give it a name, such as “Waiting for stock”.')
    else send.mutate()
  }
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field
        label="Name"
        hint="Search, filters and order are kept; only you see it. The same name replaces what it held."
        error={missing || (send.error ? problemText(send.error) : '')}
      >
        <TextInput value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Button type="submit" size="sm" pending={send.isPending}>
        Save the view
      </Button>
    </form>
  )
}
