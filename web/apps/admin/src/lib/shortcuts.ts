import { useEffect, useRef } from 'react'

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !(target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type))

/**
 * Keys for a page, in lower case: "j", "/", "enter", "mod+k" (Ctrl or Command). Plain ones are left alone while somebody types or a
 * dialog is open; a handler that returns false did not want the key.
 */
export function useShortcuts(keys: Record<string, (event: KeyboardEvent) => unknown>) {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const mod = event.ctrlKey || event.metaKey
      const name = `${mod ? 'mod+' : ''}${event.key.toLowerCase()}`
      const handler = latest.current[name]
      if (!handler) return
      if (!mod && (event.altKey || isTyping(event.target) || document.querySelector('dialog[open]'))) return
      if (handler(event) !== false) event.preventDefault()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}
