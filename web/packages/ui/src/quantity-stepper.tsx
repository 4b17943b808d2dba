'use client'
import { useEffect, useState } from 'react'
import { cn } from './cn'
import { Minus, Plus } from './icons'

export type QuantityStepperProps = {
  value: number
  onChange: (value: number) => void
  min?: number
  max?: number
  name?: string
  disabled?: boolean
  size?: 'sm' | 'md'
  labels: { quantity: string; less: string; more: string }
  className?: string
}

/** Steps with the buttons at once; a typed number counts when the field is left or Enter is pressed. */
export function QuantityStepper({
  value,
  onChange,
  min = 1,
  max = 999,
  name,
  disabled,
  size = 'md',
  labels,
  className,
}: QuantityStepperProps) {
  const [draft, setDraft] = useState(String(value))
  useEffect(() => setDraft(String(value)), [value])
  const commit = (next: number) => {
    const bounded = Math.max(min, Math.min(max, Number.isFinite(next) ? Math.trunc(next) : value))
    setDraft(String(bounded))
    if (bounded !== value) onChange(bounded)
  }
  const button = cn(
    'grid place-items-center disabled:opacity-40 hover:bg-muted rounded-md',
    size === 'sm' ? 'size-9 pointer-coarse:size-11' : 'size-12',
  )
  return (
    <div className={cn('inline-flex items-center rounded-md border border-input bg-card', className)}>
      <button
        type="button"
        className={button}
        aria-label={labels.less}
        disabled={disabled || value <= min}
        onClick={() => commit(value - 1)}
      >
        <Minus className="size-4" aria-hidden="true" />
      </button>
      <input
        className={cn(
          'bg-transparent text-center tabular-nums',
          size === 'sm' ? 'h-9 w-9 text-sm pointer-coarse:h-11 pointer-coarse:w-11' : 'h-12 w-11',
        )}
        name={name}
        inputMode="numeric"
        pattern="[0-9]*"
        aria-label={labels.quantity}
        value={draft}
        disabled={disabled}
        onChange={(event) => setDraft(event.target.value.replace(/\D/g, '').slice(0, 4))}
        onBlur={() => commit(Number.parseInt(draft, 10))}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault()
            commit(Number.parseInt(draft, 10))
          }
        }}
      />
      <button
        type="button"
        className={button}
        aria-label={labels.more}
        disabled={disabled || value >= max}
        onClick={() => commit(value + 1)}
      >
        <Plus className="size-4" aria-hidden="true" />
      </button>
    </div>
  )
}
