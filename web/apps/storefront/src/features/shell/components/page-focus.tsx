'use client'
import { usePathname } from 'next/navigation'
import { type MouseEvent, type ReactNode, useEffect, useRef } from 'react'
import { useHydrated } from '@/lib/use-hydrated'

/** Pages that were left stay in the document, hidden, and may bring a <main> of their own. */
function shownMain(): HTMLElement | undefined {
  return [...document.querySelectorAll<HTMLElement>('main')].find((main) => main.checkVisibility())
}

function focusMain() {
  const main = shownMain()
  const active = document.activeElement
  // What the new page itself has put the focus on keeps it: a field to mend, a message to read.
  if (main && !(active && active !== main && main.contains(active) && active.checkVisibility()))
    main.focus({ preventScroll: true })
}

/** How long the page that was left may stay in sight, and take the focus with it when it goes. */
const SETTLES_WITHIN_MS = 3000

/** After a page has changed without a load, Tab goes on from the start of the new one and a reader reads from there. */
function FocusOnArrival() {
  const pathname = usePathname()
  const from = useRef(pathname)
  useEffect(() => {
    if (from.current === pathname) return
    from.current = pathname
    let frame = 0
    const until = performance.now() + SETTLES_WITHIN_MS
    const stay = () => {
      const active = document.activeElement
      if (!active || active === document.body || !active.checkVisibility()) focusMain()
      if (performance.now() < until) frame = requestAnimationFrame(stay)
    }
    const arrive = () => {
      // An open panel closes first: it gives the focus back to the button that opened it.
      if (document.querySelector('dialog[open]')) frame = requestAnimationFrame(arrive)
      else {
        focusMain()
        stay()
      }
    }
    frame = requestAnimationFrame(arrive)
    return () => cancelAnimationFrame(frame)
  }, [pathname])
  return null
}

/** Only in the browser: a cached page must not ask for its own address. */
export function PageFocus() {
  return useHydrated() ? <FocusOnArrival /> : null
}

/** The first link of every page. */
export function SkipLink({ children }: { children: ReactNode }) {
  const skip = (event: MouseEvent) => {
    const main = shownMain()
    if (!main) return
    event.preventDefault()
    main.focus()
    main.scrollIntoView()
  }
  return (
    // biome-ignore lint/a11y/useValidAnchor: it goes somewhere without JavaScript too; with it, past hidden pages
    <a
      href="#content"
      onClick={skip}
      className="absolute top-2 left-2 z-50 -translate-y-20 rounded-md bg-primary px-4 py-2 text-primary-foreground focus:translate-y-0"
    >
      {children}
    </a>
  )
}
