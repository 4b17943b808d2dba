import { cn, Dialog, Search, Spinner } from '@stoa/ui'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react'
import { request } from '../api/request'
import { resources } from '../api/resources'
import { problemText } from '../lib/problem'
import { useHistory } from '../lib/router'
import { home, type Section } from './navigation'
import { type Hit, hitHref, matches } from './search'

function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}

/** Ctrl-K: pages at once, records as the server finds them. Arrows choose, Enter goes. */
export function CommandPalette(props: { open: boolean; onClose: () => void; sections: Section[] }) {
  // The dialog gives the focus away when it opens, which is after the field is there.
  const input = useRef<HTMLInputElement>(null)
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title="Find anything"
      hideTitle
      className="from-top"
      closeLabel="Close"
      initialFocus={input}
    >
      {props.open ? <Finder {...props} input={input} /> : null}
    </Dialog>
  )
}

function Finder({
  onClose,
  sections,
  input,
}: {
  onClose: () => void
  sections: Section[]
  input: RefObject<HTMLInputElement | null>
}) {
  const history = useHistory()
  const known = useQuery(resources)
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const list = useId()
  const wanted = useSettled(typed.trim(), 150)
  const found = useQuery({
    queryKey: ['search', wanted],
    enabled: wanted.length >= 2,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (
        await request<{ results: Hit[] }>('GET', '/search', {
          query: new URLSearchParams({ q: wanted }),
          signal,
        })
      ).results,
  })

  const pages = [home, ...sections.flatMap((section) => section.entries)]
    .filter((entry) => matches(entry.label, typed))
    .slice(0, typed ? 5 : 8)
    .map((entry) => ({ key: entry.href, href: entry.href, label: entry.label, kind: 'Page', note: '' }))
  const hits = (wanted.length >= 2 && typed.trim() ? (found.data ?? []) : []).map((hit) => ({
    key: `${hit.resource}/${hit.id}`,
    href: hitHref(hit),
    label: hit.label,
    kind: known.data?.find((resource) => resource.name === hit.resource)?.label ?? '',
    note: hit.detail,
  }))
  const all = [...hits, ...pages]
  const current = Math.min(chosen, all.length - 1)

  const go = (href: string) => {
    onClose()
    history.go(href)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const step = event.key === 'ArrowDown' ? 1 : -1
      setChosen((current + step + all.length) % Math.max(all.length, 1))
    } else if (event.key === 'Enter') {
      const target = all[current]
      // What was typed last may not have been looked for yet.
      if (target && (wanted === typed.trim() || hits.length === 0)) go(target.href)
      event.preventDefault()
    }
  }
  return (
    <div>
      <div className="relative mr-10">
        <Search
          aria-hidden="true"
          className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground"
        />
        <input
          ref={input}
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={all[current] ? `${list}-${current}` : undefined}
          aria-label="Find orders, customers, products and pages"
          placeholder="An order number, a name, a SKU, a page"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setChosen(0)
          }}
          onKeyDown={keys}
          className="control pl-9"
        />
        {found.isFetching ? (
          <Spinner className="absolute top-2.5 right-3 size-4 text-muted-foreground" />
        ) : null}
      </div>
      {found.error ? <p className="mt-2 text-sm text-destructive">{problemText(found.error)}</p> : null}
      <div id={list} role="listbox" aria-label="Found" className="mt-2 max-h-80 overflow-y-auto">
        {all.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
          <div
            key={entry.key}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === current}
            onClick={() => go(entry.href)}
            onPointerMove={() => setChosen(index)}
            ref={index === current ? (node) => node?.scrollIntoView({ block: 'nearest' }) : undefined}
            className={cn(
              'flex cursor-pointer items-baseline gap-3 rounded-md px-3 py-2',
              index === current && 'bg-accent text-accent-foreground',
            )}
          >
            <span className="min-w-0 flex-1 truncate">
              {entry.label}
              {entry.note ? <span className="ml-2 text-muted-foreground">{entry.note}</span> : null}
            </span>
            <span className="text-xs text-muted-foreground">{entry.kind}</span>
          </div>
        ))}
        {all.length === 0 && !found.isFetching ? (
          <p className="px-3 py-6 text-center text-muted-foreground">Nothing is called that.</p>
        ) : null}
      </div>
    </div>
  )
}
