import { Badge } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { Check, Minus } from 'lucide-react'
import type { ReactNode } from 'react'
import { useNames } from '../../api/names'
import { resources } from '../../api/resources'
import {
  type Column,
  isMoney,
  isReference,
  type Option,
  type ReferenceValue,
  type Row,
  type Value,
} from '../../api/types'
import { Time } from '../../components/time'
import { countryName, date, deed, languageName, money, number, toneOf, words } from '../../lib/format'
import { permissionText } from '../../lib/permissions'
import { Link } from '../../lib/router'
import { recordHref } from '../../shell/search'
import { companyName } from './company'
import { scaled } from './draft'

export const isNumeric = (type: string) =>
  ['integer', 'number', 'money', 'decimal', 'percent', 'thousandths'].includes(type)

const empty = (
  <span className="text-muted-foreground">
    <span aria-hidden="true">–</span>
    <span className="sr-only">empty</span>
  </span>
)

/** A value as a person reads it, by the type that the resource gives it. */
export function Cell({
  column,
  value,
  options: offered,
  linked = true,
  of,
}: {
  column: Pick<Column, 'type' | 'resource' | 'options'>
  value: Value
  /** The row that it is of. */
  of?: Row
  options?: Option[] | null
  linked?: boolean
}): ReactNode {
  const options = column.options ?? offered
  if (value === null || value === undefined || value === '') return empty
  switch (column.type) {
    case 'money':
      return isMoney(value) ? money(value) : String(value)
    case 'integer':
    case 'number':
      return typeof value === 'number' ? number(value) : String(value)
    case 'percent':
      return typeof value === 'number' ? `${scaled(value, 'percent')} %` : String(value)
    case 'thousandths':
      return typeof value === 'number' ? scaled(value, 'thousandths') : String(value)
    case 'code':
      return options?.find((option) => option.value === value)?.label ?? words(String(value))
    case 'deed':
      return deed(String(value))
    case 'resource':
      return <ResourceName name={String(value)} />
    case 'record':
      return <Reference value={value} resource={of ? String(of.resource) : null} linked={false} />
    case 'permissions':
      return Array.isArray(value) && value.length ? <Permissions codes={value.map(String)} /> : empty
    case 'country':
      return countryName(String(value))
    case 'language':
      return languageName(String(value))
    case 'company':
      return <span title={idOf(value)}>{companyName(idOf(value))}</span>
    case 'bool':
      return value ? (
        <Check aria-label="Yes" className="size-4 text-success" />
      ) : (
        <Minus aria-label="No" className="size-4 text-muted-foreground" />
      )
    case 'date':
      return date(String(value))
    case 'datetime':
      return <Time at={String(value)} />
    case 'status':
    case 'select': {
      const code = String(value)
      const label = options?.find((option) => option.value === code)?.label ?? words(code)
      return <Badge tone={toneOf(code)}>{label}</Badge>
    }
    case 'image': {
      const src =
        typeof value === 'string'
          ? value
          : ((value as { src?: string; url?: string }).src ?? (value as { url?: string }).url)
      return src ? (
        <img src={src} alt="" loading="lazy" className="size-9 rounded bg-tile object-contain" />
      ) : (
        empty
      )
    }
    case 'translations': {
      const found = value as Record<string, string>
      return found.en || Object.values(found).find(Boolean) || empty
    }
    case 'reference':
      return <Reference value={value} resource={column.resource} linked={linked} />
    case 'list':
      return Array.isArray(value)
        ? value.length === 0
          ? empty
          : value
              .map((entry: Value) => (isReference(entry) ? entry.label || entry.id : String(entry)))
              .join(', ')
        : String(value)
    default:
      // A text that is one of a few is shown by the words that its field offers.
      return typeof value === 'object' ? (
        <code className="text-xs">{JSON.stringify(value)}</code>
      ) : (
        (options?.find((option) => option.value === value)?.label ?? String(value))
      )
  }
}

function ResourceName({ name }: { name: string }) {
  return useQuery(resources).data?.find((entry) => entry.name === name)?.label ?? words(name)
}

function Permissions({ codes }: { codes: string[] }) {
  const known = useQuery(resources).data ?? []
  return codes.map((code) => permissionText(code, known)).join(', ')
}

const idOf = (value: Value): string => (isReference(value) ? value.id : String(value))

function Reference({
  value,
  resource,
  linked,
}: {
  value: Value
  resource: string | null | undefined
  linked: boolean
}) {
  const found: ReferenceValue = isReference(value) ? value : { id: String(value) }
  const target = found.resource ?? resource
  const nameOf = useNames(found.label ? null : target)
  // An id alone is no name; its end tells two of them apart.
  const label =
    found.label || nameOf(found.id) || (found.id.length > 16 ? `…${found.id.slice(-6)}` : found.id)
  if (!linked || !target) return label
  return (
    <Link
      href={recordHref(target, found.id)}
      title={found.id}
      className="underline decoration-border underline-offset-4 hover:decoration-current"
    >
      {label}
    </Link>
  )
}
