import type { ComponentProps } from 'react'
import { cn } from './cn'
import { ChevronDown } from './icons'
import { controlClass } from './input'

/** The platform's own select: the best one on a phone, and it works in a plain form. */
export function Select({ className, children, ...props }: ComponentProps<'select'>) {
  return (
    <span className={cn('relative block', className)}>
      <select {...props} className={cn(controlClass, 'h-11 appearance-none pr-9 text-ellipsis')}>
        {children}
      </select>
      <ChevronDown className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted-foreground" />
    </span>
  )
}
