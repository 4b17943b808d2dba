import type { ReactNode } from 'react'
import { cn } from './cn'

/** Nothing here yet: says so plainly, and offers the next step. */
export function EmptyState({
  title,
  children,
  action,
  level = 2,
  className,
}: {
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
  level?: 1 | 2 | 3
  className?: string
}) {
  const Heading = `h${level}` as const
  return (
    <div className={cn('mx-auto flex max-w-lg flex-col items-center px-4 py-16 text-center', className)}>
      <Heading className="font-serif text-2xl">{title}</Heading>
      {children ? <div className="mt-3 text-balance text-muted-foreground">{children}</div> : null}
      {action ? <div className="mt-6 flex flex-wrap justify-center gap-3">{action}</div> : null}
    </div>
  )
}
