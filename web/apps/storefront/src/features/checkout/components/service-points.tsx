'use client'
import type { ServicePoint } from '@stoa/api-client'
import { Alert, Button, cn, Field, Input, Skeleton } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { useId, useState } from 'react'
import { errorKey } from '@/lib/error-message'
import { servicePointsQuery } from '../api/checkout'
import { openingRows, sketch, weekday } from '../opening'

const FIRST = 5
const RATIO = 1.9

/** Pick-up points near the address or another postcode: a list to choose from and a sketch of where they are. */
export function ServicePoints({
  optionId,
  postalCode,
  value,
  onChange,
  problem,
}: {
  optionId: string
  postalCode: string
  value: string | undefined
  onChange: (id: string) => void
  problem: string | undefined
}) {
  const t = useTranslations('checkout.delivery')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const [draft, setDraft] = useState(postalCode)
  const [near, setNear] = useState('')
  const [all, setAll] = useState(false)
  const query = useQuery(servicePointsQuery(optionId, near))
  const search = () => {
    const wanted = draft.trim()
    setNear(wanted === postalCode ? '' : wanted)
    setAll(false)
  }
  const points = query.data?.items ?? []
  const chosenFar = points.findIndex(({ id }) => id === value) >= FIRST
  const shown = all || chosenFar ? points : points.slice(0, FIRST)
  return (
    <div className="border-t px-4 pt-4 pb-5">
      <div className="flex items-start gap-2">
        <Field label={t('pointsNear')} className="flex-1">
          <Input
            value={draft}
            maxLength={16}
            autoComplete="off"
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => {
              // Enter searches here; it does not send the whole step.
              if (event.key === 'Enter') {
                event.preventDefault()
                search()
              }
            }}
          />
        </Field>
        <Button variant="secondary" onClick={search} pending={query.isFetching} className="mt-7">
          {t('search')}
        </Button>
      </div>
      {query.isError ? (
        <Alert
          tone="error"
          title={t('pointsFailed')}
          className="mt-4"
          action={
            <Button size="sm" variant="outline" onClick={() => query.refetch()}>
              {common('retry')}
            </Button>
          }
        >
          {errors(errorKey(query.error))}
        </Alert>
      ) : query.isPending ? (
        <div role="status" className="mt-4 grid gap-2">
          <span className="sr-only">{common('loading')}</span>
          <Skeleton className="h-40 w-full" />
          <Skeleton className="h-14 w-full" />
          <Skeleton className="h-14 w-full" />
        </div>
      ) : points.length === 0 ? (
        <p className="mt-4 text-sm" role="status">
          {t('pointsNone')}
        </p>
      ) : (
        <>
          <Sketch points={shown} value={value} onChange={onChange} />
          <fieldset className="mt-4" data-problem={problem ? true : undefined}>
            <legend className="sr-only">{t('points')}</legend>
            <ul className="divide-y">
              {shown.map((point, index) => (
                <li key={point.id}>
                  <Point
                    point={point}
                    number={index + 1}
                    checked={value === point.id}
                    onChoose={() => onChange(point.id)}
                  />
                </li>
              ))}
            </ul>
            {shown.length < points.length ? (
              <Button variant="link" size="inline" className="mt-3 text-sm" onClick={() => setAll(true)}>
                {t('more')}
              </Button>
            ) : null}
            {problem ? (
              <p role="alert" className="mt-3 text-sm text-destructive">
                {problem}
              </p>
            ) : null}
          </fieldset>
        </>
      )}
    </div>
  )
}

function Point({
  point,
  number,
  checked,
  onChoose,
}: {
  point: ServicePoint
  number: number
  checked: boolean
  onChoose: () => void
}) {
  const locale = useLocale()
  const t = useTranslations('checkout.delivery')
  const street = [point.street, point.house_number].filter(Boolean).join(' ')
  const rows = openingRows(point.opening)
  return (
    <>
      <label className="flex items-start gap-3 py-3 has-focus-visible:outline-2 has-focus-visible:outline-ring">
        <input
          type="radio"
          name="service_point"
          value={point.id}
          checked={checked}
          onChange={onChoose}
          className="stoa-check mt-0.5"
        />
        <span className="min-w-0 flex-1 text-sm">
          <span className="block font-medium">
            <span aria-hidden="true">{number}. </span>
            {point.name}
          </span>
          <span className="block text-muted-foreground">
            {street}, {point.postal_code} {point.city}
          </span>
        </span>
        {point.distance_m != null ? (
          <span className="text-sm text-muted-foreground tabular-nums">
            {t('distance', { distance: formatDistance(point.distance_m, locale) })}
          </span>
        ) : null}
      </label>
      {point.opening.length > 0 ? (
        <details className="group mb-3 pl-[1.875rem] text-sm">
          <summary className="tap inline-block rounded-sm py-1 text-muted-foreground underline underline-offset-4">
            {t('hours')}
            <span className="sr-only">, {point.name}</span>
          </summary>
          <dl className="mt-1.5 grid grid-cols-[auto_1fr] gap-x-5 gap-y-0.5 tabular-nums">
            {rows.map((row) => (
              <div key={row.from} className="contents">
                <dt>
                  {weekday(row.from, locale)}
                  {row.to > row.from ? ` – ${weekday(row.to, locale)}` : ''}
                </dt>
                <dd className={row.hours.length === 0 ? 'text-muted-foreground' : ''}>
                  {row.hours.length === 0 ? t('closed') : row.hours.join(', ')}
                </dd>
              </div>
            ))}
          </dl>
        </details>
      ) : null}
    </>
  )
}

function formatDistance(metres: number, locale: string): string {
  const near = metres < 950
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: near ? 'meter' : 'kilometer',
    maximumFractionDigits: near ? 0 : 1,
  }).format(near ? Math.max(10, Math.round(metres / 10) * 10) : metres / 1000)
}

/** Where the points lie, without streets: the list says the same in words, so readers of screens are spared it. */
function Sketch({
  points,
  value,
  onChange,
}: {
  points: ServicePoint[]
  value: string | undefined
  onChange: (id: string) => void
}) {
  const locale = useLocale()
  const t = useTranslations('checkout.delivery')
  const grid = useId()
  const { placed, widthMetres } = sketch(points, RATIO)
  if (placed.length < 2) return null
  return (
    <div aria-hidden="true" className="mt-4">
      <div className="relative overflow-hidden rounded-lg border bg-muted" style={{ aspectRatio: RATIO }}>
        <svg className="absolute inset-0 size-full text-border" role="presentation">
          <defs>
            <pattern
              id={grid}
              width="44"
              height="44"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(-14)"
            >
              <path d="M0 22H44M22 0V44" stroke="currentColor" strokeWidth="5" fill="none" />
              <path d="M0 0H44M0 0V44" stroke="currentColor" strokeWidth="1.5" fill="none" />
            </pattern>
          </defs>
          <rect width="100%" height="100%" fill={`url(#${grid})`} />
        </svg>
        {placed.map(({ id, x, y }) => {
          const chosen = id === value
          return (
            <button
              key={id}
              type="button"
              tabIndex={-1}
              onClick={() => onChange(id)}
              style={{ left: `${x}%`, top: `${y}%` }}
              className={cn(
                'absolute grid -translate-x-1/2 -translate-y-1/2 place-items-center rounded-full border-2 border-background text-xs font-medium shadow-sm',
                chosen
                  ? 'z-10 size-8 bg-primary text-primary-foreground'
                  : 'size-7 bg-foreground text-background',
              )}
            >
              {points.findIndex((point) => point.id === id) + 1}
            </button>
          )
        })}
      </div>
      {/* Below the sketch: on it, it would lie on a point. */}
      <p className="mt-1 text-right text-xs text-muted-foreground tabular-nums">
        ↔ {t('area', { distance: formatDistance(widthMetres, locale) })}
      </p>
    </div>
  )
}
