import { currencyExponent, toDecimal } from '@stoa/ui'
import type { FieldKind, Inline, Row, Value } from '../../api/types'
import { isMoney, isReference } from '../../api/types'

/**
 * What a form holds while somebody types. Each kind of field has one shape, and text stays as it was typed until it is
 * sent: "12,5" is not lost because it is no price yet.
 */
export type Draft =
  | string
  | boolean
  | { amount: string; currency: string }
  | { id: string; label: string }
  | Record<string, string>
  | string[]
  | DraftRow[]
  | null
/** `row` is what the server sent: what nobody touched goes back as it came. */
export type DraftRow = { key: string; values: Record<string, Draft>; row?: Row }
export type Drafts = Record<string, Draft>

export const LOCALES = ['en', 'de', 'nl', 'fr'] as const

const text = (value: Value): string => (value === null || value === undefined ? '' : String(value))

/** The API's moment in the browser's time zone, as the date field wants it: "2026-11-27T14:05". */
export function localTime(value: string): string {
  const date = new Date(value)
  if (Number.isNaN(date.getTime())) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function toDraft(field: FieldKind, value: Value): Draft {
  switch (field.type) {
    case 'bool':
      return value === true
    case 'money':
      return isMoney(value)
        ? { amount: toDecimal(value.amount, currencyExponent(value.currency)), currency: value.currency }
        : { amount: '', currency: 'EUR' }
    case 'datetime':
      return typeof value === 'string' ? localTime(value) : ''
    case 'percent':
    case 'thousandths':
      return typeof value === 'number' ? scaled(value, field.type) : text(value)
    case 'companies':
      return Array.isArray(value) ? value.map(text) : []
    case 'company':
    case 'reference':
      if (isReference(value)) return { id: value.id, label: value.label ?? value.id }
      return typeof value === 'string' && value ? { id: value, label: value } : null
    case 'translations': {
      const found = typeof value === 'object' && value !== null ? (value as Record<string, Value>) : {}
      const made: Record<string, string> = {}
      for (const locale of new Set([...LOCALES, ...Object.keys(found)])) made[locale] = text(found[locale])
      return made
    }
    case 'list':
      return Array.isArray(value) ? value.map((entry) => (isReference(entry) ? entry.id : text(entry))) : []
    case 'json':
      return value === null || value === undefined ? '' : JSON.stringify(value, null, 2)
    case 'image':
      if (typeof value === 'object' && value !== null)
        return text((value as { url?: Value; src?: Value }).url ?? (value as { src?: Value }).src)
      return text(value)
    default:
      return text(value)
  }
}

// The API has no fractions: it counts a rate in hundredths of a per cent, a measure in thousandths of its unit.
const DIGITS = { percent: 2, thousandths: 3 }

/** 550 as a rate is "5.5". */
export const scaled = (value: number, kind: keyof typeof DIGITS): string =>
  toDecimal(value, DIGITS[kind]).replace(/\.?0+$/, '')

/** "5,5" as a rate is 550. A separator is always the decimal one: nobody groups such numbers. */
export function unscaled(typed: string, kind: keyof typeof DIGITS): number | null {
  const match = new RegExp(`^(-?\\d+)(?:[.,](\\d{1,${DIGITS[kind]}}))?$`).exec(typed)
  if (!match) return null
  const value = Number(`${match[1]}${(match[2] ?? '').padEnd(DIGITS[kind], '0')}`)
  return Number.isSafeInteger(value) ? value : null
}

let nextKey = 0
export const newKey = () => `new-${nextKey++}`

export function draftsOf(fields: readonly FieldKind[], row: Partial<Row>): Drafts {
  return Object.fromEntries(fields.map((field) => [field.name, toDraft(field, row[field.name])]))
}

export const inlineRows = (inline: Inline, row: Partial<Row>): DraftRow[] => {
  const rows = row[inline.name]
  return Array.isArray(rows)
    ? (rows as Row[]).map((entry) => ({
        key: text(entry.id) || newKey(),
        values: draftsOf(inline.fields, entry),
        row: entry,
      }))
    : []
}

type Parsed = { value: Value } | { error: string }

/** "1.299,95", "1,299.95" and "1299.95" are one amount: the last separator before one or two digits is the decimal one. */
export function parseAmount(typed: string, exponent: number): number | null {
  const compact = typed.replace(/[\s'’\u00a0\u202f]/g, '')
  const match = new RegExp(`^(-?)(\\d[\\d.,]*?)(?:[.,](\\d{1,${Math.max(exponent, 1)}}))?$`).exec(compact)
  if (!match) return null
  const [, sign, whole = '', fraction = ''] = match
  if (fraction && exponent === 0) return null
  if (!/^(\d+|\d{1,3}([.,]\d{3})+)$/.test(whole)) return null
  // A point that groups thousands cannot be the decimal one as well.
  const grouping = /[.,]/.exec(whole)?.[0]
  if (grouping && fraction && compact.at(-fraction.length - 1) === grouping) return null
  const amount = Number(`${whole.replace(/[.,]/g, '')}${fraction.padEnd(exponent, '0')}`)
  if (!Number.isSafeInteger(amount)) return null
  return sign ? -amount : amount
}

export function fromDraft(field: FieldKind, draft: Draft): Parsed {
  const missing = { error: `${field.label} is required.` }
  switch (field.type) {
    case 'bool':
      // Neither yes nor no was said.
      return { value: draft === null ? null : draft === true }
    case 'integer': {
      const typed = text(draft).trim()
      if (!typed) return field.required ? missing : { value: null }
      if (!/^-?\d+$/.test(typed) || !Number.isSafeInteger(Number(typed)))
        return { error: 'Should be a whole number, such as 12.' }
      return { value: Number(typed) }
    }
    case 'percent':
    case 'thousandths': {
      const typed = text(draft).trim()
      if (!typed) return field.required ? missing : { value: null }
      const value = unscaled(typed, field.type)
      return value === null ? { error: 'Should be a number, such as 19 or 5.5.' } : { value }
    }
    case 'money': {
      const { amount, currency } = draft as { amount: string; currency: string }
      if (!amount.trim()) return field.required ? missing : { value: null }
      const parsed = parseAmount(amount.trim(), currencyExponent(currency))
      if (parsed === null) return { error: 'Should be an amount, such as 1,299.95.' }
      return { value: { amount: parsed, currency } }
    }
    case 'datetime': {
      const typed = text(draft)
      if (!typed) return field.required ? missing : { value: null }
      const date = new Date(typed)
      if (Number.isNaN(date.getTime())) return { error: 'Should be a date and a time.' }
      return { value: date.toISOString().replace('.000Z', 'Z') }
    }
    case 'company':
    case 'reference':
      if (!draft) return field.required ? missing : { value: null }
      return { value: (draft as { id: string }).id }
    case 'translations': {
      const typed = draft as Record<string, string>
      const value = Object.fromEntries(Object.entries(typed).filter(([, words]) => words.trim() !== ''))
      if (field.required && Object.keys(value).length === 0) return missing
      return { value }
    }
    case 'companies':
    case 'list': {
      const value = (draft as string[]).map((entry) => entry.trim()).filter(Boolean)
      return field.required && value.length === 0 ? missing : { value }
    }
    case 'json': {
      const typed = text(draft).trim()
      if (!typed) return field.required ? missing : { value: null }
      try {
        return { value: JSON.parse(typed) as Value }
      } catch {
        return { error: 'Is not valid JSON.' }
      }
    }
    case 'text':
    case 'longtext':
      if (field.required && !text(draft).trim()) return missing
      return { value: text(draft) }
    default: {
      const typed = text(draft)
      if (!typed) return field.required ? missing : { value: null }
      return { value: typed }
    }
  }
}

/** Equal in what they say, whatever the order of members. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

export const isLocked = (inline: Inline): boolean =>
  inline.read_only === true || inline.fields.every((field) => field.read_only)

/** What a row of an inline says. Keys of new rows differ from form to form and say nothing. */
export const saying = (row: DraftRow): unknown => [row.key.startsWith('new-') ? '' : row.key, row.values]

export type Form = { fields: Drafts; inlines: Record<string, DraftRow[]> }

export const formOf = (resource: { fields: FieldKind[]; inlines: Inline[] }, row: Partial<Row>): Form => ({
  fields: draftsOf(resource.fields, row),
  inlines: Object.fromEntries(resource.inlines.map((inline) => [inline.name, inlineRows(inline, row)])),
})

export type Change = { body: Record<string, Value>; errors: Record<string, string> }

/** What has to be sent: only what differs from `base`. With `base` left out, everything that was filled in. */
export function changesOf(
  resource: { fields: FieldKind[]; inlines: Inline[] },
  form: Form,
  base?: Form,
): Change {
  const body: Record<string, Value> = {}
  const errors: Record<string, string> = {}
  for (const field of resource.fields) {
    if (field.read_only || (base && field.fixed)) continue
    const draft = form.fields[field.name] ?? null
    if (base && same(draft, base.fields[field.name] ?? null)) continue
    const parsed = fromDraft(field, draft)
    if ('error' in parsed) errors[field.name] = parsed.error
    else if (base || (parsed.value !== null && !(parsed.value === '' && !field.required)))
      body[field.name] = parsed.value
  }
  for (const inline of resource.inlines) {
    const rows = form.inlines[inline.name] ?? []
    const before = base?.inlines[inline.name] ?? []
    if (isLocked(inline) || same(rows.map(saying), before.map(saying))) continue
    body[inline.name] = rows.map((row, index) => {
      const made: Record<string, Value> = row.key.startsWith('new-') ? {} : { id: row.key }
      for (const field of inline.fields) {
        if (field.read_only || field.name === 'id') continue
        const draft = row.values[field.name] ?? null
        if (row.row && field.name in row.row && same(draft, toDraft(field, row.row[field.name]))) {
          made[field.name] = row.row[field.name]
          continue
        }
        const parsed = fromDraft(field, draft)
        if ('error' in parsed) errors[`${inline.name}.${index}.${field.name}`] = parsed.error
        else made[field.name] = parsed.value
      }
      return made
    })
  }
  return { body, errors }
}

export type Clash = {
  name: string
  base: Draft | DraftRow[]
  mine: Draft | DraftRow[]
  theirs: Draft | DraftRow[]
}

const words = (value: Draft | DraftRow[]): unknown =>
  Array.isArray(value) ? value.map((entry) => (typeof entry === 'string' ? entry : saying(entry))) : value

/**
 * Two people changed one record. What only one of them touched is taken over; what both touched, differently, is a clash
 * that a person decides.
 */
export function merge(
  base: Form,
  mine: Form,
  theirs: Form,
): { form: Form; clashes: Clash[]; taken: string[] } {
  const clashes: Clash[] = []
  const taken: string[] = []
  const pick = <T extends Draft | DraftRow[]>(name: string, b: T, m: T, t: T): T => {
    const [was, here, there] = [b, m, t].map(words)
    if (same(here, there) || same(was, there)) return m
    if (same(was, here)) {
      taken.push(name)
      return t
    }
    clashes.push({ name, base: b, mine: m, theirs: t })
    return m
  }
  const fields: Drafts = {}
  for (const name of Object.keys(theirs.fields))
    fields[name] = pick(
      name,
      base.fields[name] ?? null,
      mine.fields[name] ?? null,
      theirs.fields[name] ?? null,
    )
  const inlines: Record<string, DraftRow[]> = {}
  for (const name of Object.keys(theirs.inlines))
    inlines[name] = pick(name, base.inlines[name] ?? [], mine.inlines[name] ?? [], theirs.inlines[name] ?? [])
  return { form: { fields, inlines }, clashes, taken }
}
