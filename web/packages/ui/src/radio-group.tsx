import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

export function RadioGroup({
  legend,
  children,
  className,
  error,
  ...props
}: ComponentProps<'fieldset'> & { legend: ReactNode; error?: ReactNode }) {
  return (
    <fieldset {...props} className={cn('min-w-0', className)}>
      <legend className="mb-2 text-sm font-medium">{legend}</legend>
      <div className="divide-y rounded-lg border bg-card">{children}</div>
      {error ? (
        <p className="mt-1.5 text-sm text-destructive" role="alert">
          {error}
        </p>
      ) : null}
    </fieldset>
  )
}

type RadioProps = Omit<ComponentProps<'input'>, 'type'> & {
  label: ReactNode
  hint?: ReactNode
  trailing?: ReactNode
  /** Shown below while the option is chosen. */
  children?: ReactNode
}

export function Radio({ label, hint, trailing, children, className, ...props }: RadioProps) {
  return (
    <div className={cn('group', className)}>
      <label
        className={cn(
          'flex min-h-13 items-center gap-3 px-4 py-3 has-focus-visible:outline-2 has-focus-visible:outline-ring',
          props.disabled && 'opacity-55',
        )}
      >
        <input {...props} type="radio" className="stoa-check" />
        <span className="min-w-0 flex-1">
          <span className="block text-sm font-medium">{label}</span>
          {hint ? <span className="block text-sm text-muted-foreground">{hint}</span> : null}
        </span>
        {trailing ? <span className="text-sm tabular-nums">{trailing}</span> : null}
      </label>
      {children}
    </div>
  )
}
