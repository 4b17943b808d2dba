import { Button, Field, Trash2 } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { row as rowQuery, rows } from '../../api/resources'
import { Choice, Tag, TextInput } from '../../components/controls'
import { problemText } from '../../lib/problem'

/** A company has no name here; the end of its id tells two of them apart. */
export const companyName = (id: string): string => (id ? `Company …${id.slice(-6)}` : '')

/**
 * Nobody knows a company's id, but everybody knows somebody who buys for it: the company is found by the name or the address of
 * one of its buyers. Who has no right to see customers enters the id.
 */
export function CompanyFinder({
  onChoose,
  ...control
}: {
  onChoose: (company: string) => void
  id?: string
}) {
  const [typed, setTyped] = useState('')
  const [buyer, setBuyer] = useState('')
  const [asked, setAsked] = useState('')
  const wanted = asked.trim()
  const isId = /^com_[0-9a-z]{26}$/.test(typed.trim())
  const found = useQuery({
    ...rows('customers', new URLSearchParams({ q: wanted, limit: '8' }).toString()),
    enabled: wanted.length > 1,
    placeholderData: undefined,
  })
  const chosen = useQuery({ ...rowQuery('customers', buyer), enabled: buyer !== '', retry: false })
  const company = buyer && chosen.data && typeof chosen.data.company === 'string' ? chosen.data.company : ''
  const people = wanted.length > 1 ? (found.data?.rows ?? []) : []
  const done = (value: string) => {
    setTyped('')
    setAsked('')
    setBuyer('')
    onChoose(value)
  }
  const look = () => {
    setBuyer('')
    if (isId) done(typed.trim())
    else setAsked(typed)
  }
  return (
    <div className="space-y-2">
      <div className="flex gap-2">
        <TextInput
          {...control}
          value={typed}
          autoComplete="off"
          placeholder="Name or e-mail of a buyer"
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            look()
          }}
        />
        <Button size="sm" variant="outline" disabled={typed.trim().length < 2} onClick={look}>
          Find
        </Button>
      </div>
      {people.length > 0 ? (
        <div className="flex gap-2">
          <Choice
            aria-label="The buyer"
            className="min-w-0 flex-1"
            value={buyer}
            onChange={(event) => setBuyer(event.target.value)}
          >
            <option value="">{people.length === 1 ? 'One was found' : `${people.length} were found`}</option>
            {people.map((person) => (
              <option key={person.id} value={person.id}>
                {[person.name, person.email].filter(Boolean).join(', ')}
              </option>
            ))}
          </Choice>
          <Button size="sm" variant="outline" disabled={!company} onClick={() => done(company)}>
            Take their company
          </Button>
        </div>
      ) : null}
      <p className="text-sm text-muted-foreground" aria-live="polite">
        {found.error
          ? problemText(found.error)
          : wanted.length > 1 && found.data && people.length === 0
            ? 'Nobody is called that.'
            : buyer && chosen.data && !company
              ? 'They buy for no company.'
              : ''}
      </p>
    </div>
  )
}

type Frame = {
  label: string
  hint: string | undefined
  error: string | undefined
  optional: string | undefined
}

export function CompanyInput({
  chosen,
  disabled,
  onChange,
  frame,
}: {
  chosen: string
  disabled: boolean
  onChange: (value: { id: string; label: string } | null) => void
  frame: Frame
}) {
  if (!chosen && !disabled)
    return (
      <Field {...frame}>
        <CompanyFinder onChoose={(id) => onChange({ id, label: id })} />
      </Field>
    )
  return (
    <Field {...frame} hint={disabled ? undefined : frame.hint}>
      <Shown value={chosen} disabled={disabled} label={frame.label} onRemove={() => onChange(null)} />
    </Field>
  )
}

function Shown({
  value,
  disabled,
  label,
  onRemove,
  ...control
}: {
  value: string
  disabled: boolean
  label: string
  onRemove: () => void
  id?: string
}) {
  return (
    <div className="flex gap-2">
      <TextInput {...control} readOnly value={companyName(value)} title={value} />
      {disabled ? null : (
        <Button size="sm" variant="outline" aria-label={`Take ${label} away`} onClick={onRemove}>
          <Trash2 aria-hidden="true" className="size-4" />
        </Button>
      )}
    </div>
  )
}

export function CompaniesInput({
  chosen,
  disabled,
  onChange,
  frame,
}: {
  chosen: string[]
  disabled: boolean
  onChange: (value: string[]) => void
  frame: Frame
}) {
  return (
    <div>
      {disabled ? (
        <p className="text-sm font-medium">{frame.label}</p>
      ) : (
        <Field {...frame}>
          <CompanyFinder onChoose={(id) => chosen.includes(id) || onChange([...chosen, id])} />
        </Field>
      )}
      {chosen.length ? (
        <ul aria-label={frame.label} className="mt-2 flex flex-wrap gap-1.5">
          {chosen.map((id) => (
            <li key={id} title={id}>
              <Tag
                removeLabel={`Take ${companyName(id)} away`}
                {...(disabled ? {} : { onRemove: () => onChange(chosen.filter((other) => other !== id)) })}
              >
                {companyName(id)}
              </Tag>
            </li>
          ))}
        </ul>
      ) : disabled ? (
        <p className="text-sm text-muted-foreground">None</p>
      ) : null}
    </div>
  )
}
