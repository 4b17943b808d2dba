'use client'
import { cloneElement, type ReactElement, type ReactNode, useId } from 'react'
import { cn } from './cn'

type Control = { id?: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean; required?: boolean }

/** A label above, one control, and below it what is wrong, in words, or a hint. Wires ids and ARIA by itself. */
export function Field({
  label,
  hint,
  error,
  optional,
  className,
  children,
}: {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  /** The word shown beside the label of a field that may stay empty. */
  optional?: ReactNode
  className?: string
  children: ReactElement<Control>
}) {
  const base = useId()
  const id = children.props.id ?? base
  const note = `${base}-note`
  return (
    <div className={cn('min-w-0', className)}>
      <label htmlFor={id} className="mb-1.5 flex items-baseline justify-between gap-3 text-sm font-medium">
        <span>{label}</span>
        {optional ? <span className="text-xs font-normal text-muted-foreground">{optional}</span> : null}
      </label>
      {cloneElement(children, {
        id,
        'aria-invalid': error ? true : undefined,
        'aria-describedby': error || hint ? note : undefined,
      })}
      <p
        id={note}
        className={cn(
          'text-sm',
          error ? 'text-destructive' : 'text-muted-foreground',
          (error || hint) && 'mt-1.5',
        )}
        aria-live="polite"
      >
        {error || hint}
      </p>
    </div>
  )
}
