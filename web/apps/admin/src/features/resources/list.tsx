import { Button, cn, Plus, Search, Sheet, Trash2 } from '@stoa/ui'
import { Columns3, Download, Keyboard, Upload } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { exportHref, titleOf } from '../../api/resources'
import type { Action, Page, Resource, Row } from '../../api/types'
import { MenuCheck, PageHead, Popover } from '../../components/controls'
import { ChosenBar, ListPanel, Pages } from '../../components/desk'
import { Failure, Nothing } from '../../components/states'
import { number } from '../../lib/format'
import { Link, useHistory } from '../../lib/router'
import { useShortcuts } from '../../lib/shortcuts'
import { recordHref } from '../../shell/search'
import { ActionDialog } from './actions'
import { Cell } from './cell'
import { useColumns } from './columns'
import { ChosenFilters, FilterMenu } from './filters'
import { queryOf, savedOf } from './list-state'
import { UploadButton } from './pictures'
import { RowTable } from './table'
import { WithResource } from './use-resource'
import { useList, useRowKeys, useRows } from './use-rows'
import { ViewTabs } from './views'

type HrefOf = (row: Row) => string | null

/** `hrefOf`: where a row leads, when that is not its own form. */
export const ResourceList = ({ name, hrefOf }: { name: string; hrefOf?: HrefOf }) => (
  <WithResource name={name}>
    {(resource) => <List resource={resource} hrefOf={hrefOf ?? ((row) => formHref(resource, row))} />}
  </WithResource>
)

// What has no form is looked at in the list.
const formHref = (resource: Resource, row: Row): string | null =>
  resource.fields.length + resource.inlines.length > 0 ? recordHref(resource.name, row.id) : null

/** "1,204", and "10,000+" where the server stopped counting. */
export const totalText = (page: Page | undefined): string =>
  typeof page?.total === 'number' ? `${number(page.total)}${page.total_is_capped ? '+' : ''}` : ''

function List({ resource, hrefOf }: { resource: Resource; hrefOf: HrefOf }) {
  const base = `/r/${resource.name}`
  const history = useHistory()
  const list = useList(base)
  const { state } = list
  const found = useRows(resource.name, state)
  const { shown, toggle } = useColumns(resource.name, resource.columns)
  const rows = found.data?.rows ?? []
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [last, setLast] = useState<string | null>(null)
  const [action, setAction] = useState<Action | null>(null)
  const [peek, setPeek] = useState<Row | null>(null)
  const search = useRef<HTMLInputElement>(null)
  // What is chosen is of what is shown, on whichever page of it.
  const shownNow = savedOf({ ...state, sort: '' })
  const [chosenOf, setChosenOf] = useState(shownNow)
  if (chosenOf !== shownNow) {
    setChosenOf(shownNow)
    setChosen(new Set())
  }
  const selectable = resource.actions.length > 0

  const toggleRow = (id: string, range = false) => {
    const next = new Set(chosen)
    const from = range && last ? rows.findIndex((row) => row.id === last) : -1
    const to = rows.findIndex((row) => row.id === id)
    const on = !chosen.has(id)
    const span =
      from >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.id) : [id]
    for (const entry of span) {
      if (on) next.add(entry)
      else next.delete(entry)
    }
    setChosen(next)
    setLast(id)
  }
  const open = (row: Row) => {
    const href = hrefOf(row)
    if (href) history.go(href)
    else setPeek(row)
  }
  const keys = useRowKeys(rows.length, {
    open: (index) => rows[index] && open(rows[index]),
    ...(selectable ? { select: (index: number) => rows[index] && toggleRow(rows[index].id) } : {}),
    peek: (index) => rows[index] && setPeek(rows[index]),
  })
  useShortcuts({
    '/': () => search.current?.focus(),
    n: () => (resource.can.create ? history.go(`${base}/new`) : false),
    ']': () => (found.data?.next_cursor ? list.next(found.data.next_cursor) : false),
    '[': () => (list.previous ? list.previous() : false),
  })
  const filtered = state.q !== '' || Object.keys(state.filters).length > 0

  return (
    <div className="flex min-h-full flex-col">
      <PageHead
        title={resource.label}
        note={totalText(found.data)}
        actions={
          <>
            {resource.can.import ? (
              <Link
                href={`${base}/import`}
                className="inline-flex h-9 items-center gap-2 rounded-md px-3 font-medium no-underline hover:bg-muted"
              >
                <Upload aria-hidden="true" className="size-4" />
                Import
              </Link>
            ) : null}
            {resource.can.export ? <ExportMenu resource={resource} state={state} /> : null}
            {resource.name === 'media' ? (
              <UploadButton onDone={({ id }) => history.go(recordHref(resource.name, id))}>
                Upload a picture
              </UploadButton>
            ) : null}
            {resource.can.create ? (
              <Button size="sm" onClick={() => history.go(`${base}/new`)}>
                <Plus aria-hidden="true" className="size-4" />
                New
              </Button>
            ) : null}
          </>
        }
      />
      <ViewTabs resource={resource.name} label="All" base={base} state={state} />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        {resource.searchable ? (
          <SearchBox input={search} value={state.q} onChange={(q) => list.change({ q }, { replace: true })} />
        ) : null}
        <FilterMenu
          filters={resource.filters}
          values={state.filters}
          onChange={(filters) => list.change({ filters })}
        />
        <ChosenFilters
          filters={resource.filters}
          values={state.filters}
          onChange={(filters) => list.change({ filters })}
        />
        <div className="ml-auto flex items-center gap-1">
          <KeyHelp selectable={selectable} />
          <Popover
            align="right"
            variant="ghost"
            label={
              <>
                <Columns3 aria-hidden="true" className="size-4" />
                <span className="max-md:sr-only">Columns</span>
              </>
            }
          >
            {() =>
              resource.columns.map((column) => (
                <MenuCheck
                  key={column.name}
                  checked={shown.includes(column)}
                  onClick={() => toggle(column.name)}
                >
                  {column.label}
                </MenuCheck>
              ))
            }
          </Popover>
        </div>
      </div>

      <ListPanel found={found} columns={Math.min(shown.length, 6)}>
        {rows.length === 0 ? (
          filtered ? (
            <Nothing
              title="Nothing fits"
              action={
                <Button
                  size="sm"
                  variant="outline"
                  onClick={() => list.change({ q: '', filters: {}, view: '' })}
                >
                  Show all
                </Button>
              }
            >
              Fewer words or filters may find it.
            </Nothing>
          ) : (
            <Nothing
              title="None yet"
              action={
                resource.can.create ? (
                  <Button size="sm" onClick={() => history.go(`${base}/new`)}>
                    Create the first one
                  </Button>
                ) : undefined
              }
            />
          )
        ) : (
          <RowTable
            resource={resource}
            columns={shown}
            rows={rows}
            label={resource.label}
            href={hrefOf}
            open={open}
            current={keys.current}
            sort={state.sort}
            onSort={(sort) => list.change({ sort })}
            selection={
              selectable
                ? {
                    ids: chosen,
                    toggle: toggleRow,
                    toggleAll: () =>
                      setChosen(
                        rows.every((row) => chosen.has(row.id))
                          ? new Set()
                          : new Set(rows.map((row) => row.id)),
                      ),
                  }
                : undefined
            }
          />
        )}
      </ListPanel>
      {found.error && found.data ? (
        <div className="mt-3">
          <Failure error={found.error} retry={() => found.refetch()} title="This is what was known before" />
        </div>
      ) : null}

      <Pages pages={list} next={found.data?.next_cursor} />

      <ChosenBar count={chosen.size} onNone={() => setChosen(new Set())}>
        {resource.actions.map((entry) => (
          <Button
            key={entry.name}
            size="sm"
            variant={entry.danger ? 'destructive' : 'secondary'}
            onClick={() => setAction(entry)}
          >
            {entry.danger ? <Trash2 aria-hidden="true" className="size-4" /> : null}
            {entry.label}
          </Button>
        ))}
      </ChosenBar>
      <ActionDialog
        resource={resource}
        action={action}
        ids={[...chosen]}
        onClose={(done) => {
          setAction(null)
          if (done) setChosen(new Set())
        }}
      />
      <QuickLook resource={resource} row={peek} onClose={() => setPeek(null)} href={peek && hrefOf(peek)} />
    </div>
  )
}

export function SearchBox({
  value,
  onChange,
  input,
  placeholder = 'Search',
  className = 'w-64',
}: {
  value: string
  onChange: (value: string) => void
  input: React.RefObject<HTMLInputElement | null>
  placeholder?: string
  className?: string
}) {
  const [typed, setTyped] = useState(value)
  const [known, setKnown] = useState(value)
  // The address changed elsewhere: by a view, or by the way back.
  if (known !== value) {
    setKnown(value)
    setTyped(value)
  }
  const latest = useRef(onChange)
  useEffect(() => {
    latest.current = onChange
  })
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => latest.current(typed), 250)
    return () => clearTimeout(timer)
  }, [typed, value])
  return (
    <div className={cn('relative max-w-full', className)}>
      <Search
        aria-hidden="true"
        className="absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted-foreground"
      />
      <input
        ref={input}
        type="search"
        aria-label={placeholder}
        placeholder={placeholder}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setTyped('')
            input.current?.blur()
          } else if (event.key === 'Enter') {
            onChange(typed)
            input.current?.blur()
          }
        }}
        className="control pl-8"
      />
    </div>
  )
}

function ExportMenu({ resource, state }: { resource: Resource; state: Parameters<typeof queryOf>[0] }) {
  const query = queryOf({ ...state, cursor: '' })
  const item = 'flex items-center rounded-md px-2.5 py-1.5 no-underline hover:bg-muted'
  return (
    <Popover
      align="right"
      variant="ghost"
      label={
        <>
          <Download aria-hidden="true" className="size-4" />
          Export
        </>
      }
    >
      {(close) => (
        <>
          <p className="px-2.5 py-1 text-xs text-muted-foreground">All rows of what is shown</p>
          <a className={item} href={exportHref(resource.name, query, 'xlsx')} download onClick={close}>
            Excel (.xlsx)
          </a>
          <a className={item} href={exportHref(resource.name, query, 'csv')} download onClick={close}>
            CSV
          </a>
        </>
      )}
    </Popover>
  )
}

export function KeyHelp({ selectable, peek = true }: { selectable: boolean; peek?: boolean }) {
  const keys: [string, ReactNode][] = [
    ['j k', 'next, previous row'],
    ['Enter', 'open'],
    ...(peek ? ([['Space', 'quick look']] as [string, ReactNode][]) : []),
    ...(selectable ? ([['x', 'choose']] as [string, ReactNode][]) : []),
    ['[ ]', 'page back, page on'],
    ['/', 'search'],
    ['Ctrl K', 'find anything'],
  ]
  return (
    <Popover
      align="right"
      variant="ghost"
      accessibleLabel="Keys of this page"
      label={<Keyboard aria-hidden="true" className="size-4" />}
      className="max-md:hidden"
    >
      {() => (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 p-2">
          {keys.map(([key, meaning]) => (
            <div key={key} className="contents">
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      )}
    </Popover>
  )
}

function QuickLook({
  resource,
  row,
  onClose,
  href,
}: {
  resource: Resource
  row: Row | null
  onClose: () => void
  href: string | null
}) {
  const history = useHistory()
  return (
    <Sheet
      open={row !== null}
      onClose={onClose}
      title={row ? titleOf(resource, row) : ''}
      closeLabel="Close"
      footer={
        href ? (
          <Button size="sm" onClick={() => history.go(href)}>
            Open
          </Button>
        ) : undefined
      }
    >
      {row ? (
        <dl className="space-y-3">
          {resource.columns.map((column) => (
            <div key={column.name}>
              <dt className="text-xs text-muted-foreground">{column.label}</dt>
              <dd className="mt-0.5 break-words">
                <Cell
                  column={column}
                  value={row[column.name]}
                  of={row}
                  options={resource.fields.find((field) => field.name === column.name)?.options ?? null}
                />
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
    </Sheet>
  )
}
