import type { ReactNode } from 'react'
import { cn } from './cn'
import { CircleAlert, CircleCheck, Info, TriangleAlert } from './icons'

const tones = {
  info: ['bg-muted text-foreground', Info],
  success: ['bg-success-ground text-success', CircleCheck],
  warning: ['bg-warning-ground text-warning', TriangleAlert],
  error: ['bg-destructive-ground text-destructive', CircleAlert],
} as const

export function Alert({
  tone = 'info',
  title,
  children,
  action,
  className,
}: {
  tone?: keyof typeof tones
  title?: ReactNode
  children?: ReactNode
  action?: ReactNode
  className?: string
}) {
  const [classes, Icon] = tones[tone]
  return (
    <div
      role={tone === 'error' || tone === 'warning' ? 'alert' : 'status'}
      className={cn('flex gap-3 rounded-lg px-4 py-3 text-sm', classes, className)}
    >
      <Icon className="mt-0.5 size-4.5 flex-none" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        {title ? <p className="font-medium">{title}</p> : null}
        {children ? <div>{children}</div> : null}
        {action ? <div className="mt-2">{action}</div> : null}
      </div>
    </div>
  )
}
