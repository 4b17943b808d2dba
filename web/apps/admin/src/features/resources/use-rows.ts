import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { rows } from '../../api/resources'
import { usePages } from '../../components/desk'
import { useHistory, usePlace } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { addressOf, changed, type ListState, queryOf, readList } from './list-state'

export const PAGE = 50

/** A list whose state is its address: read it, change it, turn pages there and back. */
export function useList(base: string) {
  const history = useHistory()
  const place = usePlace()
  const state = readList(place.query)
  const pages = usePages(state.cursor, (cursor) => `${base}${addressOf({ ...state, cursor })}`)
  const go = (next: ListState, options?: { replace?: boolean }) =>
    history.go(`${base}${addressOf(next)}`, options)
  return {
    state,
    change: (change: Partial<ListState>, options?: { replace?: boolean }) =>
      go(changed(state, change), options),
    ...pages,
  }
}

export function useRows(resource: string, state: ListState) {
  const client = useQueryClient()
  const found = useQuery(rows(resource, queryOf(state, PAGE).toString()))
  const next = found.data?.next_cursor
  // The page after this one, once this one is there: turning feels like nothing.
  useEffect(() => {
    if (next && !found.isPlaceholderData)
      void client.prefetchQuery(rows(resource, queryOf({ ...state, cursor: next }, PAGE).toString()))
  })
  return found
}

/** j and k move, Enter opens, x chooses, space looks: the row that the keyboard is on. */
export function useRowKeys(
  count: number,
  keys: { open: (index: number) => void; select?: (index: number) => void; peek?: (index: number) => void },
) {
  const [current, setCurrent] = useState(-1)
  const at = Math.min(current, count - 1)
  const move = (step: number) => setCurrent(Math.max(0, Math.min(count - 1, at + step)))
  const on = (act: ((index: number) => void) | undefined) => {
    if (at < 0 || !act) return false
    act(at)
    return true
  }
  const onRow = (event: KeyboardEvent) => {
    // A link or a button that has the focus is what the key means.
    const target = event.target as HTMLElement | null
    return !target?.closest('a, button, summary, input')
  }
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    enter: (event) => onRow(event) && on(keys.open),
    x: () => on(keys.select),
    ' ': (event) => onRow(event) && on(keys.peek),
  })
  useEffect(() => {
    if (at >= 0) document.querySelector(`[data-row="${at}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [at])
  return { current: at, setCurrent }
}
