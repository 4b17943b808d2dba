'use client'
import type { Order } from '@stoa/api-client'
import { cn, formatLocale } from '@stoa/ui'
import { useLocale } from 'next-intl'

/** What happened, oldest first. */
export function Timeline({ entries }: { entries: Order['timeline'] }) {
  const locale = useLocale()
  const format = new Intl.DateTimeFormat(formatLocale(locale), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  return (
    <ol>
      {entries.map((entry, index) => (
        <li key={`${entry.at}${entry.kind}`} className="relative flex gap-4 pb-5 last:pb-0">
          {index < entries.length - 1 ? (
            <span aria-hidden="true" className="absolute top-4 bottom-0 left-[0.3125rem] w-px bg-border" />
          ) : null}
          <span
            aria-hidden="true"
            className={cn(
              'mt-1.5 size-2.5 flex-none rounded-full',
              index === entries.length - 1 ? 'bg-primary' : 'bg-input',
            )}
          />
          <div className="text-sm">
            <p className="font-medium">{entry.text}</p>
            <time dateTime={entry.at} className="text-muted-foreground">
              {format.format(new Date(entry.at))}
            </time>
          </div>
        </li>
      ))}
    </ol>
  )
}
