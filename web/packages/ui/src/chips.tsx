import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { X } from './icons'

export const chipClass =
  'tap inline-flex min-h-9 items-center gap-1.5 rounded-full border bg-card px-3.5 text-sm no-underline transition-colors hover:border-input'

/** A chosen filter; clicking takes it away. Render it as a link with `chipClass` where it must work without JavaScript. */
export function Chip({
  children,
  removeLabel,
  className,
  ...props
}: ComponentProps<'button'> & { children: ReactNode; removeLabel: string }) {
  return (
    <button type="button" {...props} aria-label={removeLabel} className={cn(chipClass, className)}>
      {children}
      <X className="size-3.5 text-muted-foreground" aria-hidden="true" />
    </button>
  )
}
