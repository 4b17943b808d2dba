'use client'
import { type MouseEvent, type ReactNode, type RefObject, useEffect, useId, useRef } from 'react'
import { cn } from './cn'
import { X } from './icons'

type Side = 'right' | 'left' | 'bottom' | 'center'

export type SheetProps = {
  open: boolean
  onClose: () => void
  title: ReactNode
  /** Word for the closing button, for screen readers. */
  closeLabel: string
  side?: Side
  /** Stays at the bottom edge while the content scrolls. */
  footer?: ReactNode
  /** The title is only read out; content leaves the corner to the closing button. */
  hideTitle?: boolean
  className?: string
  children: ReactNode
  initialFocus?: RefObject<HTMLElement | null>
}

/** A modal panel on the browser's own <dialog>: focus is kept inside, Escape closes, the rest of the page is inert. */
export function Sheet({
  open,
  onClose,
  title,
  closeLabel,
  side = 'right',
  footer,
  hideTitle,
  className,
  children,
  initialFocus,
}: SheetProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = ref.current
    if (!dialog) return
    if (open && !dialog.open) {
      // One modal above another: the bar is gone already.
      if (!document.querySelector('dialog[open]')) {
        const root = document.documentElement
        root.style.setProperty('--scrollbar', `${window.innerWidth - root.clientWidth}px`)
      }
      dialog.showModal()
      initialFocus?.current?.focus()
    } else if (!open && dialog.open) dialog.close()
  }, [open, initialFocus])

  const onBackdrop = (event: MouseEvent<HTMLDialogElement>) => {
    if (event.target === event.currentTarget) onClose()
  }

  return (
    // The keyboard way out is Escape, which the browser reports as "cancel" and "close".
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click on the backdrop only adds to Escape and the close button
    <dialog
      ref={ref}
      data-side={side}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={onBackdrop}
      className={cn('stoa-modal', className)}
    >
      <div
        className={cn('flex flex-col', side === 'center' || side === 'bottom' ? 'max-h-[inherit]' : 'h-full')}
      >
        <div
          className={
            hideTitle
              ? 'absolute top-2.5 right-5'
              : 'flex items-center justify-between gap-4 border-b px-5 py-3'
          }
        >
          <h2 id={titleId} className={cn('text-lg font-medium', hideTitle && 'sr-only')}>
            {title}
          </h2>
          <button
            type="button"
            onClick={onClose}
            aria-label={closeLabel}
            className="-mr-2.5 ml-auto grid size-11 place-items-center rounded-md hover:bg-muted"
          >
            <X className="size-5" aria-hidden="true" />
          </button>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 py-4">{children}</div>
        {footer ? <div className="border-t px-5 py-4">{footer}</div> : null}
      </div>
    </dialog>
  )
}

export function Dialog(props: Omit<SheetProps, 'side'>) {
  return <Sheet {...props} side="center" />
}
