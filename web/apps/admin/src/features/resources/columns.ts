import { useSyncExternalStore } from 'react'
import type { Column } from '../../api/types'

const listeners = new Set<() => void>()
const key = (resource: string) => `stoa_office_columns_${resource}`

/** Which columns somebody hid, as it is kept in the browser. Exported for tests. */
export function visible(columns: Column[], hidden: string): Column[] {
  const names = new Set(hidden.split(',').filter(Boolean))
  const left = columns.filter((column) => !names.has(column.name))
  return left.length ? left : columns
}

/** What is hidden as long as nobody chose: on a narrow screen the columns that can be done without. */
const hiddenAtFirst = (columns: Column[], narrow: boolean): string =>
  narrow
    ? columns
        .filter((column) => column.minor)
        .map((column) => column.name)
        .join()
    : ''

export const NARROW = '(width < 64rem)'
const narrowNow = () => window.matchMedia?.(NARROW).matches ?? false

export function useColumns(resource: string, columns: Column[]) {
  const narrow = useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia?.(NARROW)
      media?.addEventListener('change', listener)
      return () => media?.removeEventListener('change', listener)
    },
    narrowNow,
    () => false,
  )
  const chosen = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => {
      try {
        return localStorage.getItem(key(resource))
      } catch {
        return null
      }
    },
    () => null,
  )
  const hidden = chosen ?? hiddenAtFirst(columns, narrow)
  const toggle = (name: string) => {
    const names = new Set(hidden.split(',').filter(Boolean))
    if (!names.delete(name)) names.add(name)
    try {
      localStorage.setItem(key(resource), [...names].join(','))
    } catch {
      // Without storage every column is shown.
    }
    for (const listener of listeners) listener()
  }
  return { shown: visible(columns, hidden), toggle }
}
