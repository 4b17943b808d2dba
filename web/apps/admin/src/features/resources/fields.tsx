import { Button, Checkbox, cn, Field, Plus, Trash2 } from '@stoa/ui'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ArrowDown, ArrowUp } from 'lucide-react'
import {
  type ComponentProps,
  createContext,
  Fragment,
  type KeyboardEvent,
  type ReactNode,
  useContext,
  useId,
  useState,
} from 'react'
import { resources, row as rowQuery, rows, titleOf } from '../../api/resources'
import { type FieldKind, type Inline, isReference, type Option, type Value } from '../../api/types'
import { Choice, Tag, TextArea, TextInput } from '../../components/controls'
import { countryName, languageName, words } from '../../lib/format'
import { Link } from '../../lib/router'
import { recordHref } from '../../shell/search'
import { Cell } from './cell'
import { CompaniesInput, CompanyInput } from './company'
import { type Draft, type DraftRow, LOCALES, newKey, toDraft } from './draft'
import { PictureInput } from './pictures'

const LANGUAGES: Record<string, string> = { en: 'English', de: 'Deutsch', nl: 'Nederlands', fr: 'Français' }
export const COUNTRIES = allCountries()
const CURRENCIES = ['EUR', 'GBP', 'USD', 'CHF', 'SEK', 'DKK', 'PLN']

/** Every country that the browser has a name for, by that name. What a code was before, or stands for many, is none. */
function allCountries(): Option[] {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const none = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ'])
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !none.has(code) && new Intl.Locale(`und-${code}`).region === code)
    .map((code) => ({ value: code, label: countryName(code) }))
    .filter(({ value, label }) => value !== label)
    .sort((a, b) => a.label.localeCompare(b.label))
}

type Props = {
  field: FieldKind
  value: Draft
  onChange: (value: Draft) => void
  error?: string | undefined
  disabled?: boolean
  /** In a form where nothing has to be filled in, nobody need be told so. */
  quiet?: boolean
  /** The label is heard, not seen: it stands beside the control. */
  bare?: boolean
}

/** The control that a kind of field has, with its label, its help and what is wrong with it. */
export function FieldInput({ field, value, onChange, error, disabled, quiet, bare }: Props) {
  const locked = disabled || field.read_only === true
  const label = bare ? <span className="sr-only">{field.label}</span> : field.label
  // Most may stay empty, so what may not is marked; what is filled in need not be.
  const optional = field.required && !locked && !quiet && isBlank(value) ? ('required' as const) : undefined
  const frame = { label, hint: field.help ?? undefined, error, optional }
  const named = { ...frame, label: field.label }
  const text = typeof value === 'string' ? value : ''
  switch (field.type) {
    case 'bool':
      return (
        <div>
          <Checkbox
            label={field.label}
            hint={field.help}
            checked={value === true}
            disabled={locked}
            aria-invalid={error ? true : undefined}
            onChange={(event) => onChange(event.target.checked)}
          />
          {error ? <p className="text-sm text-destructive">{error}</p> : null}
        </div>
      )
    case 'longtext':
      return (
        <Field {...frame}>
          <TextArea
            value={text}
            readOnly={locked}
            maxLength={field.max_length ?? undefined}
            onChange={(event) => onChange(event.target.value)}
          />
        </Field>
      )
    case 'json':
      return (
        <Field {...frame}>
          <TextArea
            value={text}
            readOnly={locked}
            rows={8}
            spellCheck={false}
            className="font-mono"
            onChange={(event) => onChange(event.target.value)}
          />
        </Field>
      )
    case 'country':
    case 'language':
      return (
        <FieldInput
          {...{ value, onChange, error, disabled, quiet, bare }}
          field={{
            ...field,
            type: 'select',
            options:
              field.type === 'country'
                ? COUNTRIES
                : LOCALES.map((code) => ({ value: code, label: languageName(code) })),
          }}
        />
      )
    case 'company': {
      const found = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : ''
      return <CompanyInput {...{ chosen: found, disabled: locked, onChange, frame: named }} />
    }
    case 'companies':
      return (
        <CompaniesInput
          {...{
            chosen: Array.isArray(value) ? (value as string[]) : [],
            disabled: locked,
            onChange,
            frame: named,
          }}
        />
      )
    case 'percent':
      return (
        <Field {...frame}>
          <PercentControl value={text} readOnly={locked} onChange={(event) => onChange(event.target.value)} />
        </Field>
      )
    case 'select':
      return (
        <Field {...frame}>
          <Choice value={text} disabled={locked} onChange={(event) => onChange(event.target.value)}>
            {field.required && text ? null : <option value="">{field.required ? 'Choose' : 'None'}</option>}
            {(field.options ?? []).map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
            {text && !field.options?.some((option) => option.value === text) ? (
              <option value={text}>{text}</option>
            ) : null}
          </Choice>
        </Field>
      )
    case 'money':
      return <MoneyInput {...{ field, value, onChange, disabled: locked, error, frame }} />
    case 'date':
    case 'datetime':
      return (
        <Field {...frame}>
          <TextInput
            type={field.type === 'date' ? 'date' : 'datetime-local'}
            value={text}
            readOnly={locked}
            onChange={(event) => onChange(event.target.value)}
          />
        </Field>
      )
    case 'reference':
      return <ReferenceInput {...{ field, value, onChange, disabled: locked, error, frame }} />
    case 'translations':
      return <TranslationsInput {...{ field, value, onChange, disabled: locked, error }} />
    case 'list':
      return <ListInput {...{ field, value, onChange, disabled: locked, error, frame }} />
    case 'image':
      return (
        <div className="flex items-end gap-3">
          {text ? (
            <img src={text} alt="" className="size-16 flex-none rounded-md bg-tile object-contain" />
          ) : null}
          <Field {...frame} className="flex-1">
            <TextInput value={text} readOnly={locked} onChange={(event) => onChange(event.target.value)} />
          </Field>
        </div>
      )
    default:
      return (
        <Field {...frame}>
          <Suggested
            from={locked ? undefined : field.suggest}
            value={text}
            readOnly={locked}
            inputMode={
              field.type === 'integer' ? 'numeric' : field.type === 'thousandths' ? 'decimal' : undefined
            }
            maxLength={field.type === 'text' ? (field.max_length ?? undefined) : undefined}
            className={field.type === 'integer' ? 'tabular-nums' : undefined}
            autoComplete="off"
            onChange={(event) => onChange(event.target.value)}
          />
        </Field>
      )
  }
}

const isBlank = (value: Draft): boolean =>
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' &&
    !Array.isArray(value) &&
    ('currency' in value
      ? value.amount === ''
      : Object.values(value).every((text) => typeof text === 'string' && text === '')))

/** What is looked at and not changed stands there as a text, not as a control that nothing can be done with. */
export function ShownField({ field, value }: { field: FieldKind; value: Value }) {
  const { resource } = field
  const link = (id: string) =>
    resource ? (
      <Link
        key={id}
        href={recordHref(resource, id)}
        className="underline decoration-border underline-offset-4 hover:decoration-current"
      >
        <Named resource={resource} id={id} />
      </Link>
    ) : (
      id
    )
  const id = isReference(value) ? value.id : typeof value === 'string' ? value : ''
  return (
    <div className={cn('min-w-0', field.type === 'longtext' && 'col-span-full')}>
      <dt className="text-xs text-muted-foreground">{field.label}</dt>
      <dd className="mt-1 break-words whitespace-pre-wrap">
        {field.type === 'reference' && id ? (
          link(id)
        ) : field.type === 'list' && resource && Array.isArray(value) && value.length ? (
          <span className="flex flex-wrap gap-x-3">{value.map((entry) => link(String(entry)))}</span>
        ) : (
          <Cell column={field} value={value} options={field.options ?? null} linked={false} />
        )}
      </dd>
    </div>
  )
}

const PercentControl = (props: ComponentProps<'input'>) => (
  <span className="relative block">
    <TextInput {...props} inputMode="decimal" autoComplete="off" className="pr-8 text-right tabular-nums" />
    <span aria-hidden="true" className="absolute top-1/2 right-3 -translate-y-1/2 text-muted-foreground">
      %
    </span>
  </span>
)

/** A text field that offers what a list knows, and takes anything else as well. */
function Suggested({ from, ...props }: ComponentProps<'input'> & { from?: string | null | undefined }) {
  const list = useId()
  const target = useQuery(resources).data?.find((entry) => entry.name === from)
  const found = useQuery({
    ...rows(target?.name ?? '', 'limit=200'),
    staleTime: 5 * 60_000,
    retry: false,
    enabled: target !== undefined,
  })
  const known = target ? (found.data?.rows ?? []) : []
  return (
    <>
      <TextInput {...props} {...(known.length ? { list } : {})} />
      {known.length ? (
        <datalist id={list}>
          {(from === 'tax_rates'
            ? [...new Set(known.map((row) => String(row.tax_class)))].map((code) => [code, words(code)])
            : known.map((row) => [String(row.code ?? row.id), target ? titleOf(target, row) : ''])
          ).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </datalist>
      ) : null}
    </>
  )
}

type Frame = Props & {
  frame: {
    label: ReactNode
    hint: string | undefined
    error: string | undefined
    optional: string | undefined
  }
}

function MoneyInput({ field, value, onChange, disabled, frame }: Frame) {
  const money =
    typeof value === 'object' && value !== null && 'currency' in value
      ? (value as { amount: string; currency: string })
      : { amount: '', currency: 'EUR' }
  return (
    <Field {...frame}>
      <MoneyControl field={field} money={money} onChange={onChange} disabled={disabled} />
    </Field>
  )
}
function MoneyControl({
  field,
  money,
  onChange,
  disabled,
  ...control
}: {
  field: FieldKind
  money: { amount: string; currency: string }
  onChange: (value: Draft) => void
  disabled?: boolean | undefined
  id?: string
}) {
  const currencies = CURRENCIES.includes(money.currency) ? CURRENCIES : [money.currency, ...CURRENCIES]
  return (
    <div className="flex gap-2">
      <TextInput
        {...control}
        value={money.amount}
        readOnly={disabled}
        inputMode="decimal"
        autoComplete="off"
        className="text-right tabular-nums"
        onChange={(event) => onChange({ ...money, amount: event.target.value })}
      />
      <Choice
        aria-label={`Currency of ${field.label}`}
        value={money.currency}
        disabled={disabled}
        className="w-24 flex-none"
        onChange={(event) => onChange({ ...money, currency: event.target.value })}
      >
        {currencies.map((currency) => (
          <option key={currency}>{currency}</option>
        ))}
      </Choice>
    </div>
  )
}

function ReferenceInput({ field, value, onChange, disabled, frame }: Frame) {
  const chosen =
    typeof value === 'object' && value !== null && 'id' in value
      ? (value as { id: string; label: string })
      : null
  const control = <ReferenceControl field={field} chosen={chosen} onChange={onChange} disabled={disabled} />
  if (field.resource === 'media')
    return (
      <PictureInput
        chosen={chosen}
        onChange={onChange}
        disabled={disabled === true}
        frame={frame}
        finder={control}
      />
    )
  return <Field {...frame}>{control}</Field>
}

/** Looks for a record of another resource by what is typed. Without one that can be searched, its id is entered. */
function ReferenceControl({
  field,
  chosen,
  onChange,
  disabled,
  ...control
}: {
  field: FieldKind
  chosen: { id: string; label: string } | null
  onChange: (value: Draft) => void
  disabled?: boolean | undefined
  id?: string
}) {
  const known = useQuery(resources)
  const target = known.data?.find((resource) => resource.name === field.resource)
  const [typed, setTyped] = useState<string | null>(null)
  const [current, setCurrent] = useState(0)
  const list = useId()
  const open = typed !== null && target !== undefined
  const found = useQuery({
    ...rows(target?.name ?? '', new URLSearchParams({ q: typed ?? '', limit: '8' }).toString()),
    placeholderData: keepPreviousData,
    enabled: open,
  })
  // What only has an id is shown by its name.
  const named = useQuery({
    ...rowQuery(target?.name ?? '', chosen?.id ?? ''),
    staleTime: 5 * 60_000,
    enabled: target !== undefined && chosen !== null && chosen.label === chosen.id,
  })
  const label =
    chosen && chosen.label === chosen.id && target && named.data
      ? titleOf(target, named.data)
      : (chosen?.label ?? '')
  const options = field.options?.length
    ? field.options
        .filter((option) => option.label.toLowerCase().includes((typed ?? '').toLowerCase()))
        .slice(0, 20)
        .map((option) => ({ id: option.value, label: option.label }))
    : target
      ? (found.data?.rows ?? []).map((row) => ({ id: row.id, label: titleOf(target, row) }))
      : []
  const showing = typed !== null && (field.options?.length || target)
  const take = (option: { id: string; label: string } | undefined) => {
    if (!option) return
    onChange(option)
    setTyped(null)
  }
  const keys = (event: KeyboardEvent) => {
    if (!showing) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const step = event.key === 'ArrowDown' ? 1 : -1
      setCurrent((current + step + options.length) % Math.max(options.length, 1))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      take(options[current])
    } else if (event.key === 'Escape') {
      event.stopPropagation()
      setTyped(null)
    }
  }
  return (
    <div className="relative flex gap-2">
      <TextInput
        {...control}
        role="combobox"
        aria-expanded={Boolean(showing)}
        aria-controls={showing ? list : undefined}
        aria-activedescendant={showing && options[current] ? `${list}-${current}` : undefined}
        autoComplete="off"
        readOnly={disabled}
        placeholder={target ? `Find in ${target.label.toLowerCase()}` : undefined}
        value={typed ?? label}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          if (field.options?.length || target) {
            setTyped(event.target.value)
            setCurrent(0)
          } else onChange(event.target.value ? { id: event.target.value, label: event.target.value } : null)
        }}
        onKeyDown={keys}
        onBlur={() => setTyped(null)}
      />
      {chosen && !field.required && !disabled ? (
        <Button
          size="sm"
          variant="outline"
          aria-label={`Take ${field.label} away`}
          onClick={() => onChange(null)}
        >
          <Trash2 aria-hidden="true" className="size-4" />
        </Button>
      ) : null}
      {showing ? (
        <div
          id={list}
          role="listbox"
          aria-label={field.label}
          className="absolute inset-x-0 top-full z-30 mt-1 max-h-64 overflow-y-auto rounded-lg border bg-popover p-1 shadow-lg"
        >
          {options.map((option, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
            <div
              key={option.id}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === current}
              // Before the field loses the focus
              onPointerDown={(event) => {
                event.preventDefault()
                take(option)
              }}
              className={cn(
                'cursor-pointer truncate rounded-md px-2.5 py-1.5',
                index === current ? 'bg-accent' : 'hover:bg-muted',
              )}
            >
              {option.label}
            </div>
          ))}
          {options.length === 0 ? (
            <p className="px-2.5 py-2 text-muted-foreground">
              {found.isFetching ? 'Looking' : 'Nothing is called that.'}
            </p>
          ) : null}
        </div>
      ) : null}
    </div>
  )
}

const isLanguage = (name: string) => (LOCALES as readonly string[]).includes(name)

/** What the texts are by: languages, or what they name instead, such as the options of a variant. Exported for tests. */
export function switchesOf(texts: Record<string, string>): string[] {
  const others = Object.keys(texts).filter((name) => !isLanguage(name))
  return others.length > 0 && LOCALES.every((name) => !texts[name]) ? others : [...LOCALES, ...others]
}

/** The language that a form is filled in: chosen at one field, it is that of all. */
export const FormLanguage = createContext<{ locale: string; choose: (locale: string) => void } | null>(null)

function TranslationsInput({ field, value, onChange, disabled, error }: Props) {
  const texts = typeof value === 'object' && value !== null ? (value as Record<string, string>) : {}
  const locales = switchesOf(texts)
  const form = useContext(FormLanguage)
  const [own, setOwn] = useState<string>('en')
  // What is by something else than language is switched by itself.
  const shared = form !== null && locales.some(isLanguage)
  const chosen = shared ? form.locale : own
  const setLocale = shared ? form.choose : setOwn
  const locale = locales.includes(chosen) ? chosen : (locales[0] ?? 'en')
  const id = useId()
  const long = locales.some((name) => (texts[name] ?? '').length > 90 || texts[name]?.includes('\n'))
  return (
    <div>
      <div className="mb-1.5 flex flex-wrap items-end justify-between gap-2">
        <label htmlFor={id} className="text-sm font-medium">
          {field.label} <span className="sr-only">in {LANGUAGES[locale] ?? locale}</span>
        </label>
        {/* biome-ignore lint/a11y/useSemanticElements: a row of switches, not a part of the form's data */}
        <div role="group" aria-label={`Language of ${field.label}`} className="flex gap-0.5">
          {locales.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === locale}
              title={`${LANGUAGES[name] ?? name}${texts[name] ? '' : ': empty'}`}
              onClick={() => setLocale(name)}
              className={cn(
                'rounded-sm px-2 py-0.5 text-xs uppercase',
                name === locale
                  ? 'bg-accent font-medium text-accent-foreground'
                  : 'text-muted-foreground hover:bg-muted',
                !texts[name] && 'italic',
              )}
            >
              {name}
              {texts[name] ? null : <span className="sr-only"> (empty)</span>}
            </button>
          ))}
        </div>
      </div>
      {long ? (
        <TextArea
          id={id}
          lang={isLanguage(locale) ? locale : undefined}
          value={texts[locale] ?? ''}
          readOnly={disabled}
          rows={6}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-note`}
          onChange={(event) => onChange({ ...texts, [locale]: event.target.value })}
        />
      ) : (
        <TextInput
          id={id}
          lang={isLanguage(locale) ? locale : undefined}
          value={texts[locale] ?? ''}
          readOnly={disabled}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-note`}
          onChange={(event) => onChange({ ...texts, [locale]: event.target.value })}
        />
      )}
      <p
        id={`${id}-note`}
        aria-live="polite"
        className={cn(
          'text-sm',
          error ? 'mt-1.5 text-destructive' : 'text-muted-foreground',
          field.help && 'mt-1.5',
        )}
      >
        {error || field.help}
      </p>
    </div>
  )
}

function ListInput({ field, value, onChange, disabled, frame }: Frame) {
  const entries = Array.isArray(value) ? (value as string[]) : []
  // What was there when the form was opened
  const [kept] = useState(field.adds_only ? entries : [])
  const add = (entry: string) => {
    if (entry && !entries.includes(entry)) onChange([...entries, entry])
  }
  const hint =
    frame.hint ?? (disabled || field.options?.length || field.resource ? undefined : 'Enter adds one.')
  return (
    <div>
      <Field {...frame} hint={hint}>
        {field.options?.length ? (
          <Choice value="" disabled={disabled} onChange={(event) => add(event.target.value)}>
            <option value="">{disabled ? '' : 'Add'}</option>
            {field.options
              .filter((option) => !entries.includes(option.value))
              .map((option) => (
                <option key={option.value} value={option.value}>
                  {option.label}
                </option>
              ))}
          </Choice>
        ) : field.resource ? (
          <ReferenceControl
            field={field}
            chosen={null}
            disabled={disabled}
            onChange={(chosen) => add((chosen as { id: string } | null)?.id ?? '')}
          />
        ) : (
          <Adder add={add} disabled={disabled} from={field.suggest} />
        )}
      </Field>
      {entries.length && field.ordered && !disabled ? (
        <OrderedEntries field={field} entries={entries} onChange={onChange} />
      ) : entries.length ? (
        <ul aria-label={field.label} className="mt-2 flex flex-wrap gap-1.5">
          {entries.map((entry) => (
            <li key={entry}>
              <Tag
                removeLabel={`Take ${labelOf(field, entry)} away`}
                {...(disabled || kept.includes(entry)
                  ? {}
                  : { onRemove: () => onChange(entries.filter((other) => other !== entry)) })}
              >
                <EntryName field={field} entry={entry} />
              </Tag>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

const EntryName = ({ field, entry }: { field: FieldKind; entry: string }) =>
  field.resource ? <Named resource={field.resource} id={entry} /> : labelOf(field, entry)

/** A copy of a list in which one has another place. Exported for tests. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const made = [...list]
  const [taken] = made.splice(from, 1)
  if (taken !== undefined && to >= 0 && to <= made.length) made.splice(to, 0, taken)
  return made
}

const smallButton =
  'grid size-7 flex-none place-items-center rounded-md text-muted-foreground hover:bg-muted disabled:opacity-40'

/** A step earlier, a step later. */
function Steps({ what, at, of, move }: { what: string; at: number; of: number; move: (to: number) => void }) {
  return (
    <>
      <button
        type="button"
        aria-label={`${what} earlier`}
        disabled={at === 0}
        onClick={() => move(at - 1)}
        className={smallButton}
      >
        <ArrowUp aria-hidden="true" className="size-4" />
      </button>
      <button
        type="button"
        aria-label={`${what} later`}
        disabled={at === of - 1}
        onClick={() => move(at + 1)}
        className={smallButton}
      >
        <ArrowDown aria-hidden="true" className="size-4" />
      </button>
    </>
  )
}

/** Entries whose order counts, one below the other. */
function OrderedEntries({
  field,
  entries,
  onChange,
}: {
  field: FieldKind
  entries: string[]
  onChange: (entries: string[]) => void
}) {
  return (
    <ol aria-label={field.label} className="mt-2 max-h-96 divide-y overflow-y-auto rounded-md border">
      {entries.map((entry, at) => (
        <li key={entry} className="flex items-center gap-1 py-0.5 pr-1 pl-3">
          <span className="w-7 flex-none text-muted-foreground tabular-nums">{at + 1}</span>
          <span className="min-w-0 flex-1 truncate">
            <EntryName field={field} entry={entry} />
          </span>
          <Steps
            what={`Place ${at + 1}:`}
            at={at}
            of={entries.length}
            move={(to) => onChange(moved(entries, at, to))}
          />
          <button
            type="button"
            aria-label={`Take place ${at + 1} away`}
            onClick={() => onChange(entries.filter((other) => other !== entry))}
            className={cn(smallButton, 'hover:text-destructive')}
          >
            <Trash2 aria-hidden="true" className="size-4" />
          </button>
        </li>
      ))}
    </ol>
  )
}

function Adder({
  add,
  disabled,
  from,
  ...control
}: {
  add: (entry: string) => void
  disabled?: boolean | undefined
  from?: string | null | undefined
  id?: string
}) {
  const [typed, setTyped] = useState('')
  const done = () => {
    add(typed.trim())
    setTyped('')
  }
  return (
    <Suggested
      {...control}
      from={disabled ? undefined : from}
      value={typed}
      readOnly={disabled}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        event.preventDefault()
        done()
      }}
    />
  )
}

/** A record's name for its id. */
export function Named({ resource, id }: { resource: string; id: string }) {
  const target = useQuery(resources).data?.find((entry) => entry.name === resource)
  const found = useQuery({
    ...rowQuery(resource, id),
    staleTime: 5 * 60_000,
    enabled: target !== undefined,
    retry: false,
  })
  if (target && found.isPending) return <span className="text-muted-foreground">…</span>
  return <>{target && found.data ? titleOf(target, found.data) : id}</>
}

const labelOf = (field: FieldKind, value: string) =>
  field.options?.find((option) => option.value === value)?.label ?? value

/** What is made is made to be used, unless somebody says otherwise. */
export const startsOn = (field: FieldKind): boolean => ['active', 'enabled', 'visible'].includes(field.name)

export const RemoveButton = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <button
    type="button"
    aria-label={label}
    onClick={onClick}
    className="grid size-9 flex-none place-items-center rounded-md text-muted-foreground hover:bg-muted hover:text-destructive"
  >
    <Trash2 aria-hidden="true" className="size-4" />
  </button>
)

/** The children of a record, one row each, sent together with it. */
export function InlineEditor({
  inline,
  rows,
  onChange,
  errors,
  disabled,
  ordered = false,
  control,
}: {
  inline: Inline
  rows: DraftRow[]
  onChange: (rows: DraftRow[]) => void
  errors: Record<string, string>
  disabled: boolean
  /** Whether the rows' order says something. */
  ordered?: boolean
  /** What a field is entered with instead of what its kind has. */
  control?: (field: FieldKind, props: Omit<Props, 'field'>) => ReactNode
}) {
  const set = (index: number, name: string, value: Draft) =>
    onChange(
      rows.map((row, at) => (at === index ? { ...row, values: { ...row.values, [name]: value } } : row)),
    )
  const fresh = (): DraftRow => ({
    key: newKey(),
    values: Object.fromEntries(inline.fields.map((field) => [field.name, freshValue(field)])),
  })
  // Texts by something else than language are by the same in every row.
  const freshValue = (field: FieldKind): Draft => {
    if (field.type === 'bool') return startsOn(field)
    const before = field.type === 'translations' ? rows.at(-1)?.values[field.name] : null
    const names = switchesOf((before ?? {}) as Record<string, string>)
    return names.some(isLanguage)
      ? toDraft(field, undefined)
      : Object.fromEntries(names.map((name) => [name, '']))
  }
  return (
    <div>
      {rows.length === 0 ? <p className="px-4 py-5 text-muted-foreground">None yet.</p> : null}
      <ul className="divide-y">
        {rows.map((row, index) => (
          <li key={row.key} className="flex items-start gap-3 px-4 py-3">
            <fieldset className="grid min-w-0 flex-1 gap-x-3 gap-y-3 sm:grid-cols-2 xl:grid-cols-[repeat(auto-fit,minmax(12rem,1fr))]">
              <legend className="sr-only">
                {inline.label} {index + 1}
              </legend>
              {inline.fields
                .filter((field) => field.name !== 'id')
                .map((field) => {
                  const props = {
                    value: row.values[field.name] ?? null,
                    disabled,
                    error: errors[`${inline.name}.${index}.${field.name}`],
                    onChange: (value: Draft) => set(index, field.name, value),
                  }
                  const own = control?.(field, props)
                  if (own) return <Fragment key={field.name}>{own}</Fragment>
                  // What was said in the first row need not be said again.
                  const said = index === 0 ? field : { ...field, help: null }
                  return <FieldInput key={field.name} field={said} {...props} />
                })}
            </fieldset>
            {disabled ? null : (
              <div className="mt-7 flex flex-none items-center">
                {ordered && rows.length > 1 ? (
                  <Steps
                    what={`${inline.label} ${index + 1}`}
                    at={index}
                    of={rows.length}
                    move={(to) => onChange(moved(rows, index, to))}
                  />
                ) : null}
                <RemoveButton
                  label={`Remove ${inline.label} ${index + 1}`}
                  onClick={() => onChange(rows.filter((_, at) => at !== index))}
                />
              </div>
            )}
          </li>
        ))}
      </ul>
      {errors[inline.name] ? (
        <p className="px-4 pb-2 text-sm text-destructive">{errors[inline.name]}</p>
      ) : null}
      {disabled ? null : (
        <div className="border-t px-4 py-2">
          <Button size="sm" variant="ghost" onClick={() => onChange([...rows, fresh()])}>
            <Plus aria-hidden="true" className="size-4" />
            Add
          </Button>
        </div>
      )}
    </div>
  )
}
