import type { Resource } from '../../api/types'
import { may } from '../../lib/permissions'
import type { Amounts } from './rule-inputs'

type Right = { name: string; label: string }
export type Area = { name: string; label: string; group: string; rights: Right[] }

// What every list may have, in the words of who gives it.
const COMMON = {
  read: 'Look',
  create: 'Make new ones',
  update: 'Change',
  delete: 'Delete',
  export: 'Export',
  import: 'Import',
}
const { read, update } = COMMON

const rightsOf = (named: Record<string, string>): Right[] =>
  Object.entries(named).map(([name, label]) => ({ name, label }))
const areaOf = (group: string, name: string, label: string, rights: Record<string, string>): Area => ({
  group,
  name,
  label,
  rights: rightsOf(rights),
})

// Pages that are made by hand ask for rights of their own.
const MORE: Area[] = [
  areaOf('Sales', 'home', 'Today', { read }),
  areaOf('Sales', 'orders', 'Orders', {
    read,
    update: 'Notes, tags, documents',
    edit: 'Change goods and address',
    ship: 'Pack and ship',
    refund: 'Refund',
    returns: 'Decide on returns',
    reconcile: 'Settle payments',
    return_policy: 'Rules of returns',
  }),
  areaOf('Sales', 'gift_cards', 'Gift cards', { read, issue: 'Issue', block: 'Block' }),
  areaOf('Catalogue', 'media', 'Pictures', { create: 'Upload' }),
  areaOf('Operations', 'jobs', 'Failed jobs', { read, replay: 'Try again' }),
  areaOf('Operations', 'webhooks', 'Webhooks', { read, update }),
  areaOf('Operations', 'sessions', 'Sessions of others', { read, delete: 'Sign out' }),
]

/** What a role can be allowed, by the sections of the menu. */
export function areasOf(described: readonly Resource[]): Area[] {
  const areas: Area[] = described.map((resource) => ({
    name: resource.name,
    label: resource.label,
    group: resource.group,
    rights: [
      ...rightsOf(COMMON).filter(
        ({ name }) => name === 'read' || resource.can[name as keyof Resource['can']],
      ),
      ...resource.actions.map(({ name, label }) => ({ name, label })),
    ],
  }))
  for (const more of MORE) {
    const area = areas.find(({ name }) => name === more.name)
    if (!area) areas.push({ ...more, rights: [...more.rights] })
    else
      for (const right of more.rights)
        if (!area.rights.some(({ name }) => name === right.name)) area.rights.push(right)
  }
  return areas
}

/**
 * The list of codes after one right was given or taken. Whoever may do something with a thing may look at it; of somebody who
 * may do everything with it, one right is taken by naming the others.
 */
export function withRight(codes: readonly string[], area: Area, right: string, on: boolean): string[] {
  const all = `${area.name}.*`
  const code = `${area.name}.${right}`
  if (right === '*')
    return on
      ? [...codes.filter((held) => !held.startsWith(`${area.name}.`)), all]
      : codes.filter((held) => held !== all)
  if (on) {
    const looks = `${area.name}.read`
    const wanted =
      area.rights.some(({ name }) => name === 'read') && !may(codes, looks) ? [looks, code] : [code]
    return [...new Set([...codes, ...wanted])]
  }
  const without = codes.filter((held) => held !== code && held !== all)
  return codes.includes(all)
    ? [
        ...without,
        ...area.rights.filter(({ name }) => name !== right).map(({ name }) => `${area.name}.${name}`),
      ]
    : without
}

// Rights that move money, and may end at an amount.
export const LIMITED: Record<string, string> = {
  'orders.refund': 'Refund up to',
  'gift_cards.issue': 'Issue up to',
}

type Limits = Record<string, { amount: number | string; currency: string }[]>

/** What the form holds is the text that is sent; null where it is none. */
export function limitsOf(text: string): Limits | null {
  try {
    const found: unknown = text.trim() ? JSON.parse(text) : {}
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Limits) : null
  } catch {
    return null
  }
}

/** The limits as they are sent, after the amounts of one right were typed. */
export function withLimit(limits: Limits, code: string, amounts: Amounts): string {
  const { [code]: _before, ...rest } = limits
  const kept = Object.entries(amounts).map(([currency, amount]) => ({ amount, currency }))
  return JSON.stringify(kept.length ? { ...rest, [code]: kept } : rest)
}
