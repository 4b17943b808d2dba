import { Checkbox } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { resources } from '../../api/resources'
import type { Resource } from '../../api/types'
import { Tag } from '../../components/controls'
import { may, permissionText } from '../../lib/permissions'
import { AmountInputs, type Amounts, useCurrencies } from './rule-inputs'

type Right = { name: string; label: string }
export type Area = { name: string; label: string; group: string; rights: Right[] }

// What every list may have, in the words of who gives it.
const COMMON: [keyof Resource['can'] | 'read', string][] = [
  ['read', 'Look'],
  ['create', 'Make new ones'],
  ['update', 'Change'],
  ['delete', 'Delete'],
  ['export', 'Export'],
  ['import', 'Import'],
]

// Pages that are made by hand ask for rights of their own.
const MORE: (Omit<Area, 'label'> & { label: string })[] = [
  { name: 'home', label: 'Today', group: 'Sales', rights: [{ name: 'read', label: 'Look' }] },
  {
    name: 'orders',
    label: 'Orders',
    group: 'Sales',
    rights: [
      { name: 'read', label: 'Look' },
      { name: 'update', label: 'Notes, tags, documents' },
      { name: 'edit', label: 'Change goods and address' },
      { name: 'ship', label: 'Pack and ship' },
      { name: 'refund', label: 'Refund' },
      { name: 'returns', label: 'Decide on returns' },
      { name: 'reconcile', label: 'Settle payments' },
      { name: 'return_policy', label: 'Rules of returns' },
    ],
  },
  {
    name: 'gift_cards',
    label: 'Gift cards',
    group: 'Sales',
    rights: [
      { name: 'read', label: 'Look' },
      { name: 'issue', label: 'Issue' },
      { name: 'block', label: 'Block' },
    ],
  },
  { name: 'media', label: 'Pictures', group: 'Catalogue', rights: [{ name: 'create', label: 'Upload' }] },
  {
    name: 'jobs',
    label: 'Failed jobs',
    group: 'Operations',
    rights: [
      { name: 'read', label: 'Look' },
      { name: 'replay', label: 'Try again' },
    ],
  },
  {
    name: 'webhooks',
    label: 'Webhooks',
    group: 'Operations',
    rights: [
      { name: 'read', label: 'Look' },
      { name: 'update', label: 'Change' },
    ],
  },
  {
    name: 'sessions',
    label: 'Sessions of others',
    group: 'Operations',
    rights: [
      { name: 'read', label: 'Look' },
      { name: 'delete', label: 'Sign out' },
    ],
  },
]

/** What a role can be allowed, by the sections of the menu. Exported for tests. */
export function areasOf(described: readonly Resource[]): Area[] {
  const areas: Area[] = described.map((resource) => ({
    name: resource.name,
    label: resource.label,
    group: resource.group,
    rights: [
      ...COMMON.filter(([name]) => name === 'read' || resource.can[name]).map(([name, label]) => ({
        name,
        label,
      })),
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
 * may do everything with it, one right is taken by naming the others. Exported for tests.
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
const LIMITED: Record<string, string> = {
  'orders.refund': 'Refund up to',
  'gift_cards.issue': 'Issue up to',
}

type Limits = Record<string, { amount: number | string; currency: string }[]>

/** What the form holds is the text that is sent; null where it is none. Exported for tests. */
export function limitsOf(text: string): Limits | null {
  try {
    const found: unknown = text.trim() ? JSON.parse(text) : {}
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Limits) : null
  } catch {
    return null
  }
}

/** Exported for tests. */
export function withLimit(limits: Limits, code: string, amounts: Amounts): string {
  const { [code]: _before, ...rest } = limits
  const kept = Object.entries(amounts).map(([currency, amount]) => ({ amount, currency }))
  return JSON.stringify(kept.length ? { ...rest, [code]: kept } : rest)
}

/** What somebody with a role may do, and up to which amount. */
export function RoleRights({
  codes,
  limits: text,
  errors,
  disabled,
  onCodes,
  onLimits,
}: {
  codes: string[]
  limits: string
  errors: { permissions?: string | undefined; limits?: string | undefined }
  disabled: boolean
  onCodes: (codes: string[]) => void
  onLimits: (text: string) => void
}) {
  const described = useQuery(resources).data ?? []
  const areas = areasOf(described)
  const currencies = useCurrencies()
  const limits = limitsOf(text) ?? {}
  const everything = codes.includes('*')
  // Taken back, "everything" leaves what there was before.
  const [before, setBefore] = useState<string[]>([])
  const known = new Set(
    areas.flatMap(({ name, rights }) => [`${name}.*`, ...rights.map((right) => `${name}.${right.name}`)]),
  )
  const others = codes.filter((code) => code !== '*' && !known.has(code))
  const groups = [...new Set(areas.map(({ group }) => group))]
  const problem = errors.permissions ?? errors.limits
  return (
    <div className="space-y-4 p-4">
      {problem ? (
        <p role="alert" className="text-sm text-destructive">
          {problem}
        </p>
      ) : null}
      <Checkbox
        label="Everything"
        hint="As an administrator: all there is, and all that comes later."
        checked={everything}
        disabled={disabled}
        onChange={(event) => {
          if (event.target.checked) setBefore(codes)
          onCodes(event.target.checked ? ['*'] : before)
        }}
      />
      {everything
        ? null
        : groups.map((group) => (
            <section key={group} aria-label={group}>
              <h3 className="mb-1 text-xs font-medium text-muted-foreground">{group}</h3>
              <div className="divide-y rounded-md border">
                {areas
                  .filter((area) => area.group === group)
                  .map((area) => (
                    <AreaRights key={area.name} {...{ area, codes, disabled, onCodes }} />
                  ))}
              </div>
            </section>
          ))}
      {others.length ? (
        <div>
          <h3 className="mb-1 text-xs font-medium text-muted-foreground">Others</h3>
          <ul className="flex flex-wrap gap-1.5">
            {others.map((code) => (
              <li key={code}>
                <Tag
                  removeLabel={`Take ${code} away`}
                  {...(disabled ? {} : { onRemove: () => onCodes(codes.filter((held) => held !== code)) })}
                >
                  {permissionText(code, described)}
                </Tag>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {Object.entries(LIMITED)
        .filter(([code]) => may(codes, code) || limits[code])
        .map(([code, label]) => (
          <fieldset key={code}>
            <legend className="mb-2 text-sm font-semibold">
              {label}
              <span className="ml-2 font-normal text-muted-foreground">
                Nothing entered: any amount. Once one is, a currency without an amount cannot be used.
              </span>
            </legend>
            <div className="grid gap-x-5 gap-y-3 sm:grid-cols-3">
              <AmountInputs
                {...{ label, currencies, disabled }}
                value={Object.fromEntries(
                  (limits[code] ?? []).map(({ amount, currency }) => [currency, amount]),
                )}
                zero
                onChange={(amounts) => onLimits(withLimit(limits, code, amounts))}
              />
            </div>
          </fieldset>
        ))}
    </div>
  )
}

function AreaRights({
  area,
  codes,
  disabled,
  onCodes,
}: {
  area: Area
  codes: string[]
  disabled: boolean
  onCodes: (codes: string[]) => void
}) {
  const all = codes.includes(`${area.name}.*`)
  return (
    <fieldset className="grid gap-x-4 px-3 py-1.5 sm:grid-cols-[11rem_1fr]">
      <legend className="sr-only">{area.label}</legend>
      <Checkbox
        label={<span className="font-medium">{area.label}</span>}
        aria-label={`${area.label}: everything`}
        checked={all}
        disabled={disabled}
        ref={(node) => {
          if (node) node.indeterminate = !all && codes.some((code) => code.startsWith(`${area.name}.`))
        }}
        onChange={(event) => onCodes(withRight(codes, area, '*', event.target.checked))}
      />
      <div className="flex flex-wrap gap-x-5">
        {area.rights.map((right) => (
          <Checkbox
            key={right.name}
            label={right.label}
            aria-label={`${area.label}: ${right.label}`}
            checked={may(codes, `${area.name}.${right.name}`)}
            disabled={disabled}
            onChange={(event) => onCodes(withRight(codes, area, right.name, event.target.checked))}
          />
        ))}
      </div>
    </fieldset>
  )
}
