import { Button, SlidersHorizontal } from '@stoa/ui'
import { useState } from 'react'
import type { Filter } from '../../api/types'
import { Choice, Popover, Tag, TextInput } from '../../components/controls'
import { countryName, date, languageName, words } from '../../lib/format'
import { FieldInput, Named } from './fields'

/** What a chosen filter reads like: "State: Paid". */
export function filterText(filter: Filter | undefined, name: string, value: string): string {
  const label = filter?.label ?? words(name)
  const shown = value
    .split(',')
    .map((part) => {
      const option = filter?.options?.find((entry) => entry.value === part)
      if (option) return option.label
      if (filter?.name === 'country') return countryName(part)
      if (filter?.name === 'locale') return languageName(part)
      if (filter?.type === 'bool') return part === 'true' ? 'Yes' : 'No'
      return part
    })
    .join(', ')
  if (filter?.type !== 'date' && filter?.type !== 'number') return `${label}: ${shown}`
  const [from, to] = value.includes('..') ? value.split('..') : [value, value]
  const show = (text: string) => (filter.type === 'date' ? date(text) : text)
  if (from && to) return `${label}: ${from === to ? show(from) : `${show(from)} to ${show(to)}`}`
  return from ? `${label}: from ${show(from)}` : `${label}: to ${show(to ?? '')}`
}

export function FilterMenu({
  filters,
  values,
  onChange,
}: {
  filters: Filter[]
  values: Record<string, string>
  onChange: (values: Record<string, string>) => void
}) {
  const used = Object.keys(values).length
  if (filters.length === 0) return null
  return (
    <Popover
      label={
        <>
          <SlidersHorizontal aria-hidden="true" className="size-4" />
          Filter{used ? ` (${used})` : ''}
        </>
      }
    >
      {(close) => <Panel filters={filters} values={values} onChange={onChange} close={close} />}
    </Popover>
  )
}

function Panel({
  filters,
  values,
  onChange,
  close,
}: {
  filters: Filter[]
  values: Record<string, string>
  onChange: (values: Record<string, string>) => void
  close: () => void
}) {
  const [draft, setDraft] = useState(values)
  const set = (name: string, value: string) => setDraft({ ...draft, [name]: value })
  return (
    <form
      className="w-72 max-w-[80vw] space-y-3 p-2"
      onSubmit={(event) => {
        event.preventDefault()
        onChange(Object.fromEntries(Object.entries(draft).filter(([, value]) => value && value !== '..')))
        close()
      }}
    >
      {filters.map((filter) => (
        <FilterInput
          key={filter.name}
          filter={filter}
          value={draft[filter.name] ?? ''}
          onChange={(value) => set(filter.name, value)}
        />
      ))}
      <div className="flex justify-between gap-2 pt-1">
        <Button
          size="sm"
          variant="ghost"
          onClick={() => {
            onChange({})
            close()
          }}
        >
          Clear
        </Button>
        <Button size="sm" type="submit">
          Show
        </Button>
      </div>
    </form>
  )
}

function FilterInput({
  filter,
  value,
  onChange,
}: {
  filter: Filter
  value: string
  onChange: (value: string) => void
}) {
  if (filter.type === 'date' || filter.type === 'number') {
    const [from = '', to = ''] = value.includes('..') ? value.split('..') : [value, value]
    const type = filter.type === 'date' ? 'date' : 'text'
    const join = (a: string, b: string) => onChange(a || b ? `${a}..${b}` : '')
    return (
      <fieldset>
        <legend className="mb-1 text-sm font-medium">{filter.label}</legend>
        <div className="grid grid-cols-2 gap-2">
          <TextInput
            type={type}
            inputMode={type === 'text' ? 'numeric' : undefined}
            aria-label={`${filter.label} from`}
            placeholder="from"
            value={from}
            onChange={(event) => join(event.target.value, to)}
          />
          <TextInput
            type={type}
            inputMode={type === 'text' ? 'numeric' : undefined}
            aria-label={`${filter.label} to`}
            placeholder="to"
            value={to}
            onChange={(event) => join(from, event.target.value)}
          />
        </div>
      </fieldset>
    )
  }
  if (filter.type === 'reference' && filter.resource)
    return (
      <FieldInput
        field={{
          name: filter.name,
          label: filter.label,
          type: 'reference',
          resource: filter.resource,
          options: filter.options ?? null,
        }}
        quiet
        value={value ? { id: value, label: value } : null}
        onChange={(chosen) => onChange(chosen ? (chosen as { id: string }).id : '')}
      />
    )
  if (filter.name === 'country' && !filter.options?.length)
    return (
      <FieldInput
        field={{ name: filter.name, label: filter.label, type: 'country' }}
        quiet
        value={value}
        onChange={(chosen) => onChange(String(chosen ?? ''))}
      />
    )
  const options =
    filter.type === 'bool'
      ? [
          { value: 'true', label: 'Yes' },
          { value: 'false', label: 'No' },
        ]
      : filter.options
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is inside
    <label className="block">
      <span className="mb-1 block text-sm font-medium">{filter.label}</span>
      {options?.length ? (
        <Choice value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">All</option>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </Choice>
      ) : (
        <TextInput value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </label>
  )
}

export function ChosenFilters({
  filters,
  values,
  onChange,
}: {
  filters: Filter[]
  values: Record<string, string>
  onChange: (values: Record<string, string>) => void
}) {
  const names = Object.keys(values)
  if (names.length === 0) return null
  return (
    <ul aria-label="Chosen filters" className="flex flex-wrap gap-1.5">
      {names.map((name) => {
        const filter = filters.find((entry) => entry.name === name)
        const text = filterText(filter, name, values[name] ?? '')
        return (
          <li key={name}>
            <Tag
              removeLabel={`Take away ${text}`}
              onRemove={() =>
                onChange(Object.fromEntries(Object.entries(values).filter(([other]) => other !== name)))
              }
            >
              {filter?.type === 'reference' && filter.resource ? (
                <>
                  {filter.label}: <Named resource={filter.resource} id={values[name] ?? ''} />
                </>
              ) : (
                text
              )}
            </Tag>
          </li>
        )
      })}
    </ul>
  )
}
