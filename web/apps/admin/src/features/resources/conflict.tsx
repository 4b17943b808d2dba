import { Button, cn } from '@stoa/ui'
import { useState } from 'react'
import type { FieldKind, Inline, Resource } from '../../api/types'
import { words } from '../../lib/format'
import type { Clash, Draft, DraftRow, Form, merge } from './draft'

/** A draft in one line. */
export function draftText(draft: Draft | DraftRow[], field?: FieldKind): string {
  if (draft === null || draft === '') return 'empty'
  if (typeof draft === 'boolean') return draft ? 'yes' : 'no'
  if (typeof draft === 'string')
    return field?.options?.find((option) => option.value === draft)?.label ?? draft
  if (Array.isArray(draft)) {
    if (draft.length === 0) return 'none'
    return draft
      .map((entry) =>
        typeof entry === 'string'
          ? entry
          : Object.values(entry.values)
              .map((value) => draftText(value))
              .join(' · '),
      )
      .join(typeof draft[0] === 'string' ? ', ' : '; ')
  }
  if ('amount' in draft) return draft.amount ? `${draft.amount} ${draft.currency}` : 'empty'
  if ('id' in draft && 'label' in draft) return draft.label ?? ''
  return Object.entries(draft)
    .filter(([, text]) => text)
    .map(([locale, text]) => `${locale}: ${text}`)
    .join(' / ')
}

/** Somebody else saved in between: what they changed, what you changed, and for what both changed the choice. */
export function Conflict({
  resource,
  merged,
  onDone,
}: {
  resource: Resource
  merged: ReturnType<typeof merge>
  onDone: (form: Form) => void
}) {
  const [theirs, setTheirs] = useState<Record<string, boolean>>({})
  const kind = (name: string): FieldKind | Inline | undefined =>
    resource.fields.find((field) => field.name === name) ??
    resource.inlines.find((inline) => inline.name === name)
  const field = (name: string) => resource.fields.find((entry) => entry.name === name)
  const label = (name: string) => kind(name)?.label ?? words(name)
  const decided = merged.clashes.every((clash) => theirs[clash.name] !== undefined)
  const done = () => {
    const form: Form = { fields: { ...merged.form.fields }, inlines: { ...merged.form.inlines } }
    for (const clash of merged.clashes) {
      if (!theirs[clash.name]) continue
      if (clash.name in form.inlines) form.inlines[clash.name] = clash.theirs as DraftRow[]
      else form.fields[clash.name] = clash.theirs as Draft
    }
    onDone(form)
  }
  const taken = merged.taken.filter((name) => kind(name) && !field(name)?.read_only)
  return (
    <section role="alert" className="panel border-warning p-4">
      <h2 className="text-base font-semibold">Somebody else saved this in the meantime</h2>
      <p className="mt-1 text-muted-foreground">
        Nothing is lost.{' '}
        {taken.length ? `Their changes to ${taken.map(label).join(', ')} are taken over. ` : ''}
        {merged.clashes.length
          ? 'You both changed the following; choose what is to be saved.'
          : 'Yours do not touch theirs.'}
      </p>
      {merged.clashes.map((clash) => (
        <fieldset key={clash.name} className="mt-4">
          <legend className="text-sm font-medium">{label(clash.name)}</legend>
          <p className="mb-2 text-xs text-muted-foreground">
            It was: {draftText(clash.base, field(clash.name))}
          </p>
          <div className="grid gap-2 md:grid-cols-2">
            <Side
              clash={clash}
              name="Yours"
              text={draftText(clash.mine, field(clash.name))}
              checked={theirs[clash.name] === false}
              onChoose={() => setTheirs({ ...theirs, [clash.name]: false })}
            />
            <Side
              clash={clash}
              name="Theirs"
              text={draftText(clash.theirs, field(clash.name))}
              checked={theirs[clash.name] === true}
              onChoose={() => setTheirs({ ...theirs, [clash.name]: true })}
            />
          </div>
        </fieldset>
      ))}
      <Button size="sm" className="mt-4" disabled={!decided} onClick={done}>
        Go on editing
      </Button>
    </section>
  )
}

function Side({
  clash,
  name,
  text,
  checked,
  onChoose,
}: {
  clash: Clash
  name: string
  text: string
  checked: boolean
  onChoose: () => void
}) {
  return (
    <label
      className={cn(
        'flex items-start gap-3 rounded-md border p-3',
        checked ? 'border-primary bg-accent' : 'hover:border-input',
      )}
    >
      <input
        type="radio"
        name={`clash-${clash.name}`}
        checked={checked}
        onChange={onChoose}
        className="stoa-check mt-0.5"
      />
      <span className="min-w-0">
        <span className="block text-xs font-medium">{name}</span>
        <span className="block break-words whitespace-pre-wrap">{text}</span>
      </span>
    </label>
  )
}
