import type { ReactNode } from 'react'
import { cn } from './cn'
import { Minus, Plus } from './icons'

/** A native disclosure: works without JavaScript, is found by in-page search, one `name` keeps one open. */
export function AccordionItem({
  title,
  children,
  open,
  name,
  className,
}: {
  title: ReactNode
  children: ReactNode
  open?: boolean
  name?: string
  className?: string
}) {
  return (
    <details open={open} name={name} className={cn('group border-b', className)}>
      <summary className="flex items-center justify-between gap-4 py-4 font-medium">
        {title}
        <Plus className="size-5 flex-none text-muted-foreground group-open:hidden" aria-hidden="true" />
        <Minus
          className="hidden size-5 flex-none text-muted-foreground group-open:block"
          aria-hidden="true"
        />
      </summary>
      <div className="pb-5">{children}</div>
    </details>
  )
}
