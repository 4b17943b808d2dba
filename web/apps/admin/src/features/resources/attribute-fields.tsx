import { Button, Field } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { resources, row as rowQuery, rows, titleOf } from '../../api/resources'
import type { FieldKind, Inline, Option } from '../../api/types'
import { Choice, TextInput } from '../../components/controls'
import { type Draft, type DraftRow, newKey } from './draft'
import { FieldInput, RemoveButton } from './fields'
import { NumberInput } from './rule-inputs'

type AttributeValue = { code: string; labels?: Record<string, string> }
type Attribute = { code: string; name: string; kind: string; unit: string; values: Option[] }

/** All attributes, by name; none where one may not see them. */
export function useAttributes(): Option[] {
  const described = useQuery(resources).data?.some(({ name }) => name === 'attributes') ?? false
  const found = useQuery({
    ...rows('attributes', 'limit=200'),
    staleTime: 5 * 60_000,
    retry: false,
    enabled: described,
  })
  return (described ? (found.data?.rows ?? []) : [])
    .map((row) => ({ value: row.id, label: String(row.name ?? row.id) }))
    .sort((a, b) => a.label.localeCompare(b.label))
}

/** One attribute with its values; null while it is not known, or where one may not see it. */
export function useAttribute(code: string): Attribute | null {
  const described = useQuery(resources).data?.find(({ name }) => name === 'attributes')
  const { data } = useQuery({
    ...rowQuery('attributes', code),
    staleTime: 5 * 60_000,
    retry: false,
    enabled: described !== undefined && code !== '',
  })
  if (!described || !data) return null
  return {
    code,
    name: titleOf(described, data),
    kind: String(data.kind),
    unit: typeof data.unit === 'string' ? data.unit : '',
    values: (Array.isArray(data.values) ? (data.values as AttributeValue[]) : []).map((value) => ({
      value: value.code,
      label: value.labels?.en || value.code,
    })),
  }
}

const textsOf = (value: Draft): Record<string, string> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, string>)
    : {}
const listOf = (value: Draft | undefined): string[] => (Array.isArray(value) ? (value as string[]) : [])

type EditorProps = {
  inline: Inline
  rows: DraftRow[]
  errors: Record<string, string>
  disabled: boolean
  onChange: (rows: DraftRow[]) => void
}

/** What a product tells of itself: of each attribute the one control that its kind has. */
export function AttributeSettings({ inline, rows: drafts, errors, disabled, onChange }: EditorProps) {
  const known = useAttributes()
  const set = (index: number, values: Record<string, Draft>) =>
    onChange(drafts.map((row, at) => (at === index ? { ...row, values: { ...row.values, ...values } } : row)))
  const used = drafts.map((row) => String(row.values.attribute ?? ''))
  const left = known.filter(({ value }) => !used.includes(value))
  return (
    <div>
      {drafts.length === 0 ? <p className="px-4 py-4 text-muted-foreground">It tells nothing yet.</p> : null}
      <ul className="divide-y">
        {drafts.map((row, index) => (
          <li key={row.key} className="flex items-start gap-3 px-4 py-2.5">
            <div className="min-w-0 flex-1">
              <AttributeSetting
                code={used[index] ?? ''}
                row={row}
                disabled={disabled}
                error={errorIn(errors, `${inline.name}.${index}`)}
                onChange={(values) => set(index, values)}
              />
            </div>
            {disabled ? null : (
              <RemoveButton
                label={`Remove ${known.find(({ value }) => value === used[index])?.label ?? used[index]}`}
                onClick={() => onChange(drafts.filter((_, at) => at !== index))}
              />
            )}
          </li>
        ))}
      </ul>
      {errors[inline.name] ? (
        <p className="px-4 pb-2 text-sm text-destructive">{errors[inline.name]}</p>
      ) : null}
      {disabled || left.length === 0 ? null : (
        <div className="border-t px-4 py-2.5">
          <Choice
            aria-label="Add an attribute"
            className="w-56"
            value=""
            onChange={(event) =>
              onChange([
                ...drafts,
                {
                  key: newKey(),
                  values: {
                    attribute: event.target.value,
                    values: [],
                    number_milli: '',
                    text: {},
                    flag: null,
                  },
                },
              ])
            }
          >
            <option value="">Add an attribute</option>
            {left.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Choice>
        </div>
      )}
    </div>
  )
}

/** What is wrong with a row, whichever of its fields is meant: one of them is shown. Exported for tests. */
export const errorIn = (errors: Record<string, string>, place: string): string | undefined =>
  Object.entries(errors).find(([name]) => name === place || name.startsWith(`${place}.`))?.[1]

function AttributeSetting({
  code,
  row,
  disabled,
  error,
  onChange,
}: {
  code: string
  row: DraftRow
  disabled: boolean
  error: string | undefined
  onChange: (values: Record<string, Draft>) => void
}) {
  const attribute = useAttribute(code)
  const { values, number_milli, text, flag } = row.values
  // One that cannot be looked up is shown by what it has.
  const kind =
    attribute?.kind ??
    (listOf(values).length
      ? 'choice'
      : number_milli
        ? 'number'
        : typeof flag === 'boolean' && flag
          ? 'flag'
          : 'text')
  const label = attribute?.name ?? code
  const named = (type: string, more: Partial<FieldKind> = {}): FieldKind => ({
    name: code,
    label,
    type,
    ...more,
  })
  if (kind === 'choice')
    return (
      <Beside label={label}>
        <FieldInput
          field={named('list', { options: attribute?.values ?? null })}
          value={listOf(values)}
          {...{ disabled, error }}
          bare
          onChange={(chosen) => onChange({ values: chosen })}
        />
      </Beside>
    )
  if (kind === 'number')
    return (
      <Beside label={label}>
        <div className="flex items-center gap-2">
          <FieldInput
            field={named('thousandths')}
            value={number_milli ?? ''}
            {...{ disabled, error }}
            bare
            onChange={(typed) => onChange({ number_milli: typed })}
          />
          <span className="text-muted-foreground">{attribute?.unit}</span>
        </div>
      </Beside>
    )
  if (kind === 'flag')
    return (
      <Beside label={label}>
        <Field label={<span className="sr-only">{label}</span>} error={error}>
          <Choice
            className="w-32"
            value={typeof flag === 'boolean' ? String(flag) : ''}
            disabled={disabled}
            onChange={(event) =>
              onChange({ flag: event.target.value ? event.target.value === 'true' : null })
            }
          >
            <option value="">Not said</option>
            <option value="true">Yes</option>
            <option value="false">No</option>
          </Choice>
        </Field>
      </Beside>
    )
  return (
    <FieldInput
      field={named('translations')}
      value={textsOf(text ?? null)}
      {...{ disabled, error }}
      quiet
      onChange={(texts) => onChange({ text: texts })}
    />
  )
}

const Beside = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="grid items-start gap-x-4 gap-y-1 sm:grid-cols-[11rem_minmax(0,1fr)] [&_label]:mb-0">
    <span aria-hidden="true" className="pt-2 text-sm font-medium">
      {label}
    </span>
    {children}
  </div>
)

/** Of each option that variants differ in, the value that one of them, or a picture, has. */
export function OptionChoices({
  options,
  value,
  disabled,
  error,
  any,
  onChange,
}: {
  options: string[]
  value: Draft
  disabled: boolean
  error: string | undefined
  /** What no value chosen means; nothing where there must be one. */
  any?: string
  onChange: (value: Draft) => void
}) {
  const chosen = textsOf(value)
  // What is there although the product has no such option any more can be seen, and emptied.
  const names = [...new Set([...options, ...Object.keys(chosen).filter((name) => chosen[name])])]
  return names.map((name, index) => (
    <OptionChoice
      key={name}
      {...{ name, disabled, any }}
      value={chosen[name] ?? ''}
      error={index === 0 ? error : undefined}
      onChange={(code) => onChange({ ...chosen, [name]: code })}
    />
  ))
}

function OptionChoice({
  name,
  value,
  disabled,
  error,
  any,
  onChange,
}: {
  name: string
  value: string
  disabled: boolean
  error: string | undefined
  any?: string | undefined
  onChange: (code: string) => void
}) {
  const attribute = useAttribute(name)
  const values = attribute?.values ?? []
  return (
    <Field label={attribute?.name ?? name} error={error}>
      {values.length ? (
        <Choice value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)}>
          {any || !value ? <option value="">{any ?? 'Choose'}</option> : null}
          {values.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
          {value && !values.some((option) => option.value === value) ? (
            <option value={value}>{value}</option>
          ) : null}
        </Choice>
      ) : (
        <TextInput value={value} readOnly={disabled} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  )
}

const PROPERTIES: Option[] = [
  { value: 'category', label: 'Category' },
  { value: 'brand', label: 'Brand' },
  { value: 'type', label: 'Product type' },
  { value: 'new_within_days', label: 'Published lately' },
]

/** The values of a range as they are sent: "10..50", either end may be open. Exported for tests. */
export function rangeText(from: string, to: string): string[] {
  const [least, most] = [from, to].map((typed) => typed.trim().replace(',', '.').replace(/\.$/, ''))
  return least || most ? [`${least}..${most}`] : []
}
/** Exported for tests. */
export function rangeOf(values: readonly string[]): { from: string; to: string } {
  const text = values[0] ?? ''
  const at = text.indexOf('..')
  return at < 0 ? { from: text, to: text } : { from: text.slice(0, at), to: text.slice(at + 2) }
}

/** Which products a collection holds: each condition in a line that reads as a sentence. */
export function Conditions({ inline, rows: drafts, errors, disabled, onChange }: EditorProps) {
  const attributes = useAttributes()
  const properties = [
    ...PROPERTIES,
    ...attributes.map(({ value, label }) => ({ value: `attribute:${value}`, label })),
  ]
  const set = (index: number, values: Record<string, Draft>) =>
    onChange(drafts.map((row, at) => (at === index ? { ...row, values: { ...row.values, ...values } } : row)))
  return (
    <div>
      {drafts.length === 0 ? (
        <p className="px-4 py-4 text-muted-foreground">Without a condition it holds nothing.</p>
      ) : null}
      <ul className="divide-y">
        {drafts.map((row, index) => {
          const field = String(row.values.field ?? '')
          return (
            <li key={row.key} className="flex items-start gap-3 px-4 py-3">
              <fieldset className="grid min-w-0 flex-1 items-start gap-3 sm:grid-cols-[12rem_8rem_minmax(0,1fr)] [&_label]:mb-0">
                <legend className="sr-only">Condition {index + 1}</legend>
                <Choice
                  aria-label="Property"
                  value={field}
                  disabled={disabled}
                  // Values of another property mean nothing here.
                  onChange={(event) => set(index, { field: event.target.value, values: [] })}
                >
                  {field ? null : <option value="">Choose</option>}
                  {properties.map(({ value, label }) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                  {field && !properties.some(({ value }) => value === field) ? (
                    <option value={field}>{field.replace(/^attribute:/, '')}</option>
                  ) : null}
                </Choice>
                <Choice
                  aria-label="Is or is not"
                  value={String(row.values.negated === true)}
                  disabled={disabled}
                  onChange={(event) => set(index, { negated: event.target.value === 'true' })}
                >
                  <option value="false">is</option>
                  <option value="true">is not</option>
                </Choice>
                <ConditionValues
                  field={field}
                  values={listOf(row.values.values)}
                  disabled={disabled}
                  error={errorIn(errors, `${inline.name}.${index}`)}
                  onChange={(values) => set(index, { values })}
                />
              </fieldset>
              {disabled ? null : (
                <RemoveButton
                  label={`Remove condition ${index + 1}`}
                  onClick={() => onChange(drafts.filter((_, at) => at !== index))}
                />
              )}
            </li>
          )
        })}
      </ul>
      {errors[inline.name] ? (
        <p className="px-4 pb-2 text-sm text-destructive">{errors[inline.name]}</p>
      ) : null}
      {disabled ? null : (
        <div className="border-t px-4 py-2">
          <Button
            size="sm"
            variant="ghost"
            onClick={() =>
              onChange([...drafts, { key: newKey(), values: { field: '', values: [], negated: false } }])
            }
          >
            Add a condition
          </Button>
        </div>
      )}
    </div>
  )
}

function ConditionValues({
  field,
  values,
  disabled,
  error,
  onChange,
}: {
  field: string
  values: string[]
  disabled: boolean
  error: string | undefined
  onChange: (values: string[]) => void
}) {
  const code = field.startsWith('attribute:') ? field.slice('attribute:'.length) : ''
  const attribute = useAttribute(code)
  const list = field === 'category' ? 'categories' : field === 'type' ? 'product_types' : ''
  const found = useQuery({
    ...rows(list, 'limit=200'),
    staleTime: 5 * 60_000,
    retry: false,
    enabled: list !== '',
  })
  const named = (list ? (found.data?.rows ?? []) : []).map((row) => ({
    // A rule names a category by its handle.
    value: String(row.handle ?? row.id),
    label: String(row.path ?? row.name ?? row.id),
  }))
  if (!field) return null
  if (field === 'new_within_days')
    return (
      <div className="flex items-start gap-2">
        <span className="pt-2 text-muted-foreground">within</span>
        <NumberInput
          label={<span className="sr-only">Days</span>}
          value={/^\d+$/.test(values[0] ?? '') ? Number(values[0]) : values[0]}
          disabled={disabled}
          read={(typed) => (/^\d+$/.test(typed) ? Number(typed) : null)}
          show={String}
          onChange={(days) => onChange(days === undefined ? [] : [String(days)])}
        />
        <span className="pt-2 text-muted-foreground">days</span>
      </div>
    )
  if (attribute?.kind === 'number') {
    return <RangeInput unit={attribute.unit} {...{ values, disabled, error, onChange }} />
  }
  const options =
    attribute?.kind === 'flag'
      ? [
          { value: '1', label: 'Yes' },
          { value: '0', label: 'No' },
        ]
      : attribute
        ? attribute.values
        : named
  return (
    <FieldInput
      field={{ name: field, label: 'Any of these', type: 'list', options: options.length ? options : null }}
      value={values}
      {...{ disabled, error }}
      bare
      onChange={(chosen) => onChange(listOf(chosen))}
    />
  )
}

/** Two ends as they are typed: a point at the end of a number does not get lost in what is sent. */
function RangeInput({
  values,
  unit,
  disabled,
  error,
  onChange,
}: {
  values: string[]
  unit: string
  disabled: boolean
  error: string | undefined
  onChange: (values: string[]) => void
}) {
  const [typed, setTyped] = useState(() => rangeOf(values))
  const [known, setKnown] = useState(values[0])
  if (known !== values[0]) {
    setKnown(values[0])
    setTyped(rangeOf(values))
  }
  const change = (part: Partial<typeof typed>) => {
    const next = { ...typed, ...part }
    const made = rangeText(next.from, next.to)
    setTyped(next)
    setKnown(made[0])
    onChange(made)
  }
  return (
    <div>
      <div className="flex items-center gap-2">
        {(['from', 'to'] as const).map((end) => (
          <TextInput
            key={end}
            aria-label={end === 'from' ? 'At least' : 'At most'}
            placeholder={end === 'from' ? 'at least' : 'at most'}
            value={typed[end]}
            readOnly={disabled}
            inputMode="decimal"
            autoComplete="off"
            className="text-right tabular-nums"
            aria-invalid={error ? true : undefined}
            onChange={(event) => change({ [end]: event.target.value })}
          />
        ))}
        <span className="text-muted-foreground">{unit}</span>
      </div>
      {error ? <p className="mt-1.5 text-sm text-destructive">{error}</p> : null}
    </div>
  )
}
