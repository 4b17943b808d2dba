'use client'
import type { Facet, Listing } from '@stoa/api-client'
import { Checkbox, ChevronDown, currencyExponent, Input } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { amountOf, type Filters, setRange, splitRange, toggleValue } from '../filters'

/** Values shown before "more", and facets that stand open from the start. */
const SHOWN = 8
const OPEN = 3

export function Facets({
  listing,
  filters,
  onChange,
}: {
  listing: Listing
  filters: Filters
  onChange: (next: Filters) => void
}) {
  const t = useTranslations('catalog')
  const isOpen = (facet: Facet, index: number) => index < OPEN || filters.attributes[facet.code] !== undefined
  return (
    <>
      {listing.price ? (
        <Group title={t('price')} open>
          <PriceRange price={listing.price} filters={filters} onChange={onChange} />
        </Group>
      ) : null}
      {listing.facets.map((facet, index) =>
        facet.kind === 'range' ? (
          <Group
            key={facet.code}
            title={facet.unit ? `${facet.label} (${facet.unit})` : facet.label}
            open={isOpen(facet, index)}
          >
            <RangeFields
              min={facet.min == null ? undefined : Math.floor(facet.min)}
              max={facet.max == null ? undefined : Math.ceil(facet.max)}
              value={filters.attributes[facet.code]?.[0]}
              onCommit={(value) => onChange(setRange(filters, facet.code, value))}
            />
          </Group>
        ) : facet.kind === 'bool' ? (
          <FlagGroup key={facet.code} facet={facet} filters={filters} onChange={onChange} />
        ) : (
          <ValueGroup
            key={facet.code}
            facet={facet}
            open={isOpen(facet, index)}
            filters={filters}
            onChange={onChange}
          />
        ),
      )}
      <Group title={t('availability')} open>
        <Checkbox
          name="available"
          value="1"
          checked={filters.available}
          onChange={() => onChange({ ...filters, cursor: undefined, available: !filters.available })}
          label={t('inStockOnly')}
        />
      </Group>
    </>
  )
}

function Group({ title, open, children }: { title: ReactNode; open: boolean; children: ReactNode }) {
  return (
    <details open={open} className="group border-b py-4 first:pt-0 last:border-0">
      <summary className="-my-3 flex items-center justify-between gap-2 py-3 text-sm font-medium">
        {title}
        <ChevronDown
          className="size-4 text-muted-foreground transition-transform group-open:rotate-180"
          aria-hidden="true"
        />
      </summary>
      <fieldset className="min-w-0 pt-2.5">
        <legend className="sr-only">{title}</legend>
        {children}
      </fieldset>
    </details>
  )
}

/** Only "yes" is worth choosing: the box says the thing itself. */
function FlagGroup({
  facet,
  filters,
  onChange,
}: {
  facet: Facet
  filters: Filters
  onChange: (next: Filters) => void
}) {
  const yes = facet.values.find((value) => value.value === '1')
  const checked = filters.attributes[facet.code]?.includes('1') ?? false
  if (!yes || (yes.count === 0 && !checked)) return null
  return (
    <div className="border-b py-3 last:border-0">
      <Checkbox
        name="f"
        value={`${facet.code}:1`}
        checked={checked}
        onChange={() => onChange(toggleValue(filters, facet.code, '1'))}
        label={facet.label}
        trailing={yes.count}
      />
    </div>
  )
}

function ValueGroup({
  facet,
  open,
  filters,
  onChange,
}: {
  facet: Facet
  open: boolean
  filters: Filters
  onChange: (next: Filters) => void
}) {
  const t = useTranslations('catalog')
  const [all, setAll] = useState(false)
  const chosen = filters.attributes[facet.code] ?? []
  const offered = facet.values.filter((value) => value.count > 0 || chosen.includes(value.value))
  if (offered.length === 0) return null
  // "Oak" and "cane" in one list: a dot at some of them only would push their words out of line.
  const dotted = offered.every((value) => value.colour)
  const shown = all
    ? offered
    : offered.filter((value, index) => index < SHOWN || chosen.includes(value.value))
  return (
    <Group title={facet.label} open={open}>
      <ul>
        {shown.map((value) => (
          <li key={value.value}>
            <Checkbox
              name="f"
              value={`${facet.code}:${value.value}`}
              checked={chosen.includes(value.value)}
              onChange={() => onChange(toggleValue(filters, facet.code, value.value))}
              label={
                <span className="flex items-center gap-2">
                  {dotted && value.colour ? (
                    <span
                      aria-hidden="true"
                      className="swatch-dot size-4 flex-none rounded-full"
                      style={{ backgroundColor: value.colour }}
                    />
                  ) : null}
                  {value.label}
                </span>
              }
              trailing={value.count}
            />
          </li>
        ))}
      </ul>
      {offered.length > shown.length ? (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="tap mt-1 py-1 text-sm underline decoration-1 underline-offset-4"
        >
          {t('showMoreValues', { count: offered.length - shown.length })}
        </button>
      ) : null}
    </Group>
  )
}

function PriceRange({
  price,
  filters,
  onChange,
}: {
  price: NonNullable<Listing['price']>
  filters: Filters
  onChange: (next: Filters) => void
}) {
  const scale = 10 ** currencyExponent(price.min.currency)
  const [min, max] = splitRange(filters.price)
  // Outwards: whoever only leaves a field must not lose what was found.
  const value = filters.price
    ? `${min === undefined ? '' : Math.floor(min / scale)}..${max === undefined ? '' : Math.ceil(max / scale)}`
    : undefined
  const toMinor = (range: string | undefined) => {
    if (!range) return undefined
    const [low, high] = splitRange(range)
    return `${low === undefined ? '' : low * scale}..${high === undefined ? '' : high * scale}`
  }
  return (
    <RangeFields
      name="price"
      prefix={price.min.currency}
      min={Math.floor(price.min.amount / scale)}
      max={Math.ceil(price.max.amount / scale)}
      value={value}
      onCommit={(range) => onChange(setRange(filters, 'price', toMinor(range)))}
    />
  )
}

/** Two numbers; they count when a field is left or Enter is pressed. */
function RangeFields({
  min,
  max,
  value,
  name,
  prefix,
  onCommit,
}: {
  min: number | undefined
  max: number | undefined
  value: string | undefined
  name?: string
  prefix?: string
  onCommit: (value: string | undefined) => void
}) {
  const t = useTranslations('catalog')
  const id = useId()
  const [low, high] = splitRange(value)
  const [from, setFrom] = useState(low === undefined ? '' : String(low))
  const [to, setTo] = useState(high === undefined ? '' : String(high))
  useEffect(() => {
    setFrom(low === undefined ? '' : String(low))
    setTo(high === undefined ? '' : String(high))
  }, [low, high])
  const commit = () => {
    const whole = (text: string, round: (amount: number) => number) => {
      const amount = amountOf(text)
      return amount === undefined ? '' : String(round(amount))
    }
    const [a, b] = (amountOf(from) ?? 0) > (amountOf(to) ?? Infinity) ? [to, from] : [from, to]
    const ends = [whole(a, Math.floor), whole(b, Math.ceil)] as const
    setFrom(ends[0])
    setTo(ends[1])
    const next = ends.some(Boolean) ? ends.join('..') : undefined
    if (next !== value) onCommit(next)
  }
  const field = (end: 'min' | 'max', text: string, set: (text: string) => void, hint: number | undefined) => (
    <div className="min-w-0 flex-1">
      <label htmlFor={`${id}-${end}`} className="mb-1 block text-xs text-muted-foreground">
        {end === 'min' ? t('priceFrom') : t('priceTo')}
        {prefix ? ` (${prefix})` : ''}
      </label>
      <Input
        id={`${id}-${end}`}
        name={name ? `${name}_${end}` : undefined}
        inputMode="decimal"
        value={text}
        placeholder={hint === undefined ? '' : String(hint)}
        onChange={(event) => set(event.target.value.replace(/[^\d.,]/g, '').slice(0, 12))}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault()
            commit()
          }
        }}
      />
    </div>
  )
  return (
    <div className="flex gap-3">
      {field('min', from, setFrom, min)}
      {field('max', to, setTo, max)}
    </div>
  )
}
