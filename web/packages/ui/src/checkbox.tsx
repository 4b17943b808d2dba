import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

type CheckProps = Omit<ComponentProps<'input'>, 'type'> & {
  label: ReactNode
  hint?: ReactNode
  trailing?: ReactNode
}

export function Checkbox({ label, hint, trailing, className, ...props }: CheckProps) {
  return (
    <label
      className={cn(
        'flex items-start gap-3 py-1.5 pointer-coarse:py-[0.6875rem]',
        props.disabled && 'opacity-55',
        className,
      )}
    >
      <input {...props} type="checkbox" className="stoa-check mt-0.5" />
      <span className="min-w-0 flex-1 text-sm">
        {label}
        {hint ? <span className="block text-xs text-muted-foreground">{hint}</span> : null}
      </span>
      {trailing ? <span className="text-xs text-muted-foreground tabular-nums">{trailing}</span> : null}
    </label>
  )
}
