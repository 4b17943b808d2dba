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

export function useColumns(resource: string, columns: Column[]) {
  const hidden = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => {
      try {
        return localStorage.getItem(key(resource)) ?? ''
      } catch {
        return ''
      }
    },
    () => '',
  )
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
