import type { ReactNode } from 'react'
import { cn } from './cn'

/** `items` are links, ready made by the app; the last one may be plain text. */
export function Breadcrumbs({
  label,
  items,
  className,
}: {
  label: string
  items: { key: string; node: ReactNode }[]
  className?: string
}) {
  return (
    <nav aria-label={label} className={cn('text-sm text-muted-foreground', className)}>
      <ol className="flex flex-wrap items-center gap-x-2">
        {items.map((item, index) => (
          <li key={item.key} className="flex items-center gap-x-2">
            {index > 0 ? <span aria-hidden="true">/</span> : null}
            {item.node}
          </li>
        ))}
      </ol>
    </nav>
  )
}
