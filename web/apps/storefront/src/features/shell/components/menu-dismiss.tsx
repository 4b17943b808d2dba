'use client'
import { type ReactNode, useEffect, useRef } from 'react'

/** Lets Escape and following a link close the open menu panel; opening it is pure CSS. */
export function MenuDismiss({ children }: { children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const root = ref.current
    if (!root) return
    const close = () => {
      for (const item of root.querySelectorAll<HTMLElement>('.menu-item')) {
        if (!item.matches(':hover, :focus-within')) continue
        item.dataset.closed = ''
        item.addEventListener('mouseleave', () => delete item.dataset.closed, { once: true })
        item.addEventListener('focusout', () => delete item.dataset.closed, { once: true })
      }
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close()
    }
    const onClick = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest('a')) close()
    }
    document.addEventListener('keydown', onKey)
    root.addEventListener('click', onClick)
    return () => {
      document.removeEventListener('keydown', onKey)
      root.removeEventListener('click', onClick)
    }
  }, [])
  return (
    <div ref={ref} className="h-full">
      {children}
    </div>
  )
}
