import { cn, Menu, Search, Sheet, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { LogOut, UserRound } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { resources } from '../api/resources'
import { changeSession, signOut } from '../api/session'
import type { Staff } from '../api/types'
import { MenuItem, Popover } from '../components/controls'
import { Failure } from '../components/states'
import { problemText } from '../lib/problem'
import { Link, useHistory, usePlace } from '../lib/router'
import { useShortcuts } from '../lib/shortcuts'
import { CommandPalette } from './command-palette'
import { home, type Section, sectionsOf } from './navigation'
import { ThemeChoice } from './theme'

function Navigation({ sections, onFollow }: { sections: Section[]; onFollow?: () => void }) {
  const { path } = usePlace()
  const entry = (href: string, label: string, Icon?: Section['icon']) => {
    const here = href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`)
    return (
      <li key={href}>
        <Link
          href={href}
          onClick={onFollow}
          aria-current={here ? 'page' : undefined}
          className={cn(
            'flex min-h-8 items-center gap-2.5 rounded-md px-2.5 py-1 text-sm no-underline',
            here ? 'bg-accent font-medium text-accent-foreground' : 'hover:bg-secondary',
          )}
        >
          {Icon ? <Icon aria-hidden="true" className="size-4 flex-none" /> : null}
          {label}
        </Link>
      </li>
    )
  }
  return (
    <nav aria-label="Back office" className="space-y-4">
      <ul>{entry(home.href, home.label, home.icon)}</ul>
      {sections.map((section) => (
        <div key={section.label}>
          <h2 className="mb-1 flex items-center gap-2.5 px-2.5 text-xs font-medium text-muted-foreground">
            <section.icon aria-hidden="true" className="size-4" />
            {section.label}
          </h2>
          <ul className="space-y-px pl-[1.625rem]">
            {section.entries.map(({ href, label }) => entry(href, label))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

const Mark = () => (
  <Link href="/" className="flex items-center gap-2.5 px-2.5 font-semibold no-underline">
    <img src="/admin/icon.svg" alt="" className="size-6 rounded" />
    Stoa
  </Link>
)

export function Shell({ staff, children }: { staff: Staff; children: ReactNode }) {
  const client = useQueryClient()
  const history = useHistory()
  const { path } = usePlace()
  const known = useQuery(resources)
  const [palette, setPalette] = useState(false)
  const [drawer, setDrawer] = useState(false)
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  const out = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      changeSession(client, null)
      history.go('/')
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
  })
  useShortcuts({ 'mod+k': () => setPalette(true) })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page begins at its top, for readers of the screen as well
  useEffect(() => {
    if (first.current) {
      first.current = false
      return
    }
    main.current?.scrollTo?.(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [path])
  const sections = sectionsOf(known.data ?? [], staff.permissions)
  return (
    <div className="flex h-dvh print:block print:h-auto">
      <a
        href="#main"
        className="sr-only rounded-md bg-popover px-4 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
      >
        Skip to the page
      </a>
      <aside className="hidden w-60 print:hidden! flex-none flex-col overflow-y-auto border-r bg-muted px-3 pt-4 pb-6 lg:flex">
        <div className="mb-5">
          <Mark />
        </div>
        <Navigation sections={sections} />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-13 flex-none print:hidden items-center gap-2 border-b bg-background px-3 md:px-6">
          <button
            type="button"
            aria-label="Menu"
            onClick={() => setDrawer(true)}
            className="grid size-10 place-items-center rounded-md hover:bg-muted lg:hidden"
          >
            <Menu aria-hidden="true" className="size-5" />
          </button>
          <button
            type="button"
            onClick={() => setPalette(true)}
            className="flex h-9 w-full min-w-0 max-w-md items-center gap-2.5 rounded-md border bg-card px-3 text-left text-muted-foreground hover:border-input"
          >
            <Search aria-hidden="true" className="size-4 flex-none" />
            <span className="min-w-0 flex-1 truncate">Find orders, customers, products, pages</span>
            <kbd className="max-sm:hidden">Ctrl K</kbd>
          </button>
          <div className="ml-auto">
            <Popover
              align="right"
              variant="ghost"
              accessibleLabel={`Account of ${staff.name}`}
              label={
                <>
                  <UserRound aria-hidden="true" className="size-4" />
                  <span className="max-w-36 truncate max-sm:hidden">{staff.name}</span>
                </>
              }
            >
              {(close) => (
                <div className="w-56 space-y-1">
                  <p className="truncate px-2.5 pt-1 text-xs text-muted-foreground">{staff.email}</p>
                  <MenuItem
                    onClick={() => {
                      close()
                      history.go('/account')
                    }}
                  >
                    <UserRound aria-hidden="true" className="size-4" />
                    Your account
                  </MenuItem>
                  <ThemeChoice />
                  <hr />
                  <MenuItem onClick={() => out.mutate()}>
                    <LogOut aria-hidden="true" className="size-4" />
                    Sign out
                  </MenuItem>
                </div>
              )}
            </Popover>
          </div>
        </header>
        <main
          ref={main}
          id="main"
          tabIndex={-1}
          className="relative min-h-0 flex-1 scroll-pt-4 scroll-pb-24 overflow-y-auto print:overflow-visible px-3 py-5 outline-none md:px-6"
        >
          {known.error ? (
            <div className="mb-4">
              <Failure
                error={known.error}
                retry={() => known.refetch()}
                title="The list of pages could not be loaded"
              />
            </div>
          ) : null}
          {children}
        </main>
      </div>
      <Sheet
        open={drawer}
        onClose={() => setDrawer(false)}
        title={<Mark />}
        side="left"
        closeLabel="Close the menu"
      >
        <Navigation sections={sections} onFollow={() => setDrawer(false)} />
      </Sheet>
      <CommandPalette open={palette} onClose={() => setPalette(false)} sections={sections} />
    </div>
  )
}
