'use client'
import { useSyncExternalStore } from 'react'
import { cn } from './cn'
import { X } from './icons'

type Tone = 'info' | 'success' | 'error'
type Toast = { id: number; tone: Tone; text: string; action?: { label: string; run: () => void } }

let toasts: readonly Toast[] = []
let nextId = 1
const listeners = new Set<() => void>()
const none: readonly Toast[] = []

function set(next: readonly Toast[]) {
  toasts = next
  for (const listener of listeners) listener()
}

export function dismissToast(id: number) {
  set(toasts.filter((entry) => entry.id !== id))
}

/** Says what just happened, for five seconds (nine when there is something to press). */
export function toast(text: string, options: { tone?: Tone; action?: Toast['action'] } = {}): number {
  const id = nextId++
  set([...toasts.slice(-2), { id, text, tone: options.tone ?? 'info', action: options.action }])
  if (options.tone !== 'error') setTimeout(() => dismissToast(id), options.action ? 9000 : 5000)
  return id
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Mounted once, in the root layout. Top of the page, so that it never covers a button at the bottom of a drawer. */
export function Toaster({ closeLabel, regionLabel }: { closeLabel: string; regionLabel: string }) {
  const list = useSyncExternalStore(
    subscribe,
    () => toasts,
    () => none,
  )
  return (
    <section
      aria-label={regionLabel}
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 top-4 z-50 flex flex-col items-center gap-2 px-4"
    >
      {list.map((entry) => (
        <div
          key={entry.id}
          className={cn(
            'pointer-events-auto flex max-w-md items-center gap-3 rounded-lg border bg-popover py-2 pr-2 pl-4 text-sm text-popover-foreground shadow-lg',
            entry.tone === 'error' && 'border-destructive',
          )}
        >
          <span className="flex-1">{entry.text}</span>
          {entry.action ? (
            <button
              type="button"
              className="px-2 font-medium underline underline-offset-4"
              onClick={() => {
                entry.action?.run()
                dismissToast(entry.id)
              }}
            >
              {entry.action.label}
            </button>
          ) : null}
          <button
            type="button"
            aria-label={closeLabel}
            className="grid size-9 place-items-center rounded-md hover:bg-muted"
            onClick={() => dismissToast(entry.id)}
          >
            <X className="size-4" aria-hidden="true" />
          </button>
        </div>
      ))}
    </section>
  )
}
