import { Check, ChevronDown, cn, X } from '@stoa/ui'
import { type ComponentProps, type ReactNode, useEffect, useId, useRef, useState } from 'react'

export const TextInput = ({ className, ...props }: ComponentProps<'input'>) => (
  <input {...props} className={cn('control', className)} />
)
export const TextArea = ({ className, ...props }: ComponentProps<'textarea'>) => (
  <textarea rows={5} {...props} className={cn('control resize-y', className)} />
)
export const Choice = ({ className, children, ...props }: ComponentProps<'select'>) => (
  <span className={cn('relative block', className)}>
    <select {...props} className="control appearance-none pr-8 text-ellipsis">
      {children}
    </select>
    <ChevronDown
      aria-hidden="true"
      className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-muted-foreground"
    />
  </span>
)

/** A button that opens a panel below it. Escape and a click elsewhere close it and give the focus back. */
export function Popover({
  label,
  children,
  align = 'left',
  className,
  variant = 'outline',
  accessibleLabel,
}: {
  label: ReactNode
  children: (close: () => void) => ReactNode
  align?: 'left' | 'right'
  className?: string
  variant?: 'outline' | 'ghost'
  accessibleLabel?: string
}) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  useEffect(() => {
    if (!open) return
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false)
    }
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('keydown', onEscape, true)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('keydown', onEscape, true)
    }
  }, [open])
  return (
    <div ref={root} className={cn('relative', className)}>
      <button
        ref={button}
        type="button"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={accessibleLabel}
        onClick={() => setOpen(!open)}
        className={cn(
          'inline-flex h-9 items-center gap-2 rounded-md px-3 text-sm font-medium whitespace-nowrap hover:bg-muted',
          variant === 'outline' && 'border border-input',
        )}
      >
        {label}
      </button>
      {open ? (
        <div
          id={id}
          className={cn(
            'absolute top-full z-30 mt-1 max-h-[70vh] min-w-52 overflow-y-auto rounded-lg border bg-popover p-1.5 text-popover-foreground shadow-lg',
            align === 'right' ? 'right-0' : 'left-0',
          )}
        >
          {children(() => {
            setOpen(false)
            button.current?.focus()
          })}
        </div>
      ) : null}
    </div>
  )
}

export function MenuItem({ danger, className, ...props }: ComponentProps<'button'> & { danger?: boolean }) {
  return (
    <button
      type="button"
      {...props}
      className={cn(
        'flex w-full items-center gap-2.5 rounded-md px-2.5 py-1.5 text-left text-sm hover:bg-muted',
        danger && 'text-destructive',
        className,
      )}
    />
  )
}

export function MenuCheck({ checked, children, ...props }: ComponentProps<'button'> & { checked: boolean }) {
  return (
    <MenuItem {...props} aria-pressed={checked}>
      <Check aria-hidden="true" className={cn('size-4 flex-none', !checked && 'invisible')} />
      {children}
    </MenuItem>
  )
}

/** A word that can be taken away. */
export function Tag({
  children,
  onRemove,
  removeLabel,
}: {
  children: ReactNode
  onRemove?: () => void
  removeLabel?: string
}) {
  return (
    <span className="inline-flex items-center gap-1 rounded-full border bg-card py-0.5 pr-1 pl-2.5 text-xs">
      <span className={cn('max-w-64 truncate', !onRemove && 'pr-1.5')}>{children}</span>
      {onRemove ? (
        <button
          type="button"
          aria-label={removeLabel}
          onClick={onRemove}
          className="grid size-6 place-items-center rounded-full hover:bg-muted"
        >
          <X aria-hidden="true" className="size-3.5" />
        </button>
      ) : null}
    </span>
  )
}

export function PageHead({
  title,
  note,
  actions,
  above,
}: {
  title: ReactNode
  note?: ReactNode
  actions?: ReactNode
  above?: ReactNode
}) {
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="min-w-0 grow basis-56">
        {above ? <div className="mb-0.5 text-xs text-muted-foreground">{above}</div> : null}
        <div className="flex flex-wrap items-baseline gap-x-3">
          <h1 className="min-w-0 break-words">{title}</h1>
          {note ? <span className="text-sm text-muted-foreground tabular-nums">{note}</span> : null}
        </div>
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </div>
  )
}

export function Panel({
  title,
  actions,
  children,
  className,
}: {
  title?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section className={cn('panel min-w-0', className)}>
      {title ? (
        <div className="flex min-h-11 items-center justify-between gap-3 border-b px-4 py-1.5">
          <h2 className="text-sm font-semibold">{title}</h2>
          {actions}
        </div>
      ) : null}
      {children}
    </section>
  )
}
