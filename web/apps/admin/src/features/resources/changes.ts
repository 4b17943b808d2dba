import type { Value } from '../../api/types'
import { isMoney, isReference } from '../../api/types'
import { money } from '../../lib/format'
import { same } from './draft'

export type FieldChange = { name: string; before: Value; after: Value }

const members = (value: Value): Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Value>) : {}

/** What an entry of the log changed, field by field. Bookkeeping that changes with everything says nothing. */
export function changesBetween(before: Value, after: Value): FieldChange[] {
  const was = members(before)
  const is = members(after)
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter(
      (name) => name !== 'version' && name !== 'updated_at' && !same(was[name] ?? null, is[name] ?? null),
    )
    .map((name) => ({ name, before: was[name] ?? null, after: is[name] ?? null }))
}

/** A value of the log in one line. */
export function valueText(value: Value): string {
  if (value === null || value === undefined || value === '') return 'empty'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (isMoney(value)) return money(value)
  if (isReference(value) && value.label) return value.label
  if (Array.isArray(value)) return value.length ? value.map(valueText).join(', ') : 'none'
  if (typeof value === 'object')
    return Object.entries(value as Record<string, Value>)
      .map(([name, member]) => `${name}: ${valueText(member)}`)
      .join(' / ')
  return String(value)
}
