'use client'
import type { Locale, Suggestions } from '@stoa/api-client'
import { cn, formatMoney, Picture, Search, Spinner } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState, useTransition } from 'react'
import { paths } from '@/config/paths'
import { readCatalogue } from '@/features/buyer/read'
import { useViewer } from '@/features/buyer/use-viewer'
import { asked } from '@/features/buyer/viewer'

type Option = { key: string; href: string; label: string }

// More of them would push the products out of sight.
const SEARCHES = 4

/** Search with suggestions: a plain form that also is a combobox. Arrow keys choose, Enter goes, Escape closes. */
export function SearchBox({
  locale,
  initial = '',
  large = false,
}: {
  locale: Locale
  initial?: string
  large?: boolean
}) {
  const t = useTranslations('shell')
  const common = useTranslations('common')
  const router = useRouter()
  const [navigating, startNavigation] = useTransition()
  const viewer = useViewer()
  const base = useId()
  const root = useRef<HTMLFormElement>(null)
  const [text, setText] = useState(initial)
  const [sought, setSought] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)

  const typed = text.trim()
  useEffect(() => {
    const timer = setTimeout(() => setSought(typed), 150)
    return () => clearTimeout(timer)
  }, [typed])

  const suggestions = useQuery({
    queryKey: ['suggest', locale, viewer, sought],
    queryFn: ({ signal }) =>
      readCatalogue(
        viewer,
        'GET /catalog/suggest',
        { query: { q: sought, locale, ...asked(viewer) } },
        { signal },
      ),
    enabled: open && sought.length >= 2,
    placeholderData: (previous) => previous,
    staleTime: 300_000,
  })
  const data = typed.length >= 2 ? suggestions.data : undefined
  const options = data ? optionsOf(data, locale) : []
  const shown = open && options.length > 0

  useEffect(() => {
    if (!open) return
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])

  const go = (href: string) => {
    setOpen(false)
    setActive(-1)
    startNavigation(() => router.push(href))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Escape') {
      if (shown) event.preventDefault()
      setOpen(false)
      setActive(-1)
    } else if (shown && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      const step = event.key === 'ArrowDown' ? 1 : -1
      // One place more than there are options: none chosen, which is -1.
      const places = options.length + 1
      setActive((now) => ((now + 1 + step + places) % places) - 1)
    } else if (event.key === 'Enter') {
      const option = options[active]
      if (shown && option) {
        event.preventDefault()
        go(option.href)
      }
    }
  }
  const optionProps = (key: string) => {
    const index = options.findIndex((option) => option.key === key)
    return {
      id: `${base}-${index}`,
      role: 'option' as const,
      'aria-selected': index === active,
      onPointerEnter: () => setActive(index),
      onClick: () => {
        const option = options[index]
        if (option) go(option.href)
      },
    }
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is too young for some screen readers
    <form
      ref={root}
      role="search"
      aria-label={large ? t('searchAgain') : t('search')}
      action={paths.search(locale)}
      method="get"
      className="relative"
      onSubmit={(event) => {
        event.preventDefault()
        if (typed) go(paths.search(locale, typed))
      }}
    >
      {navigating ? (
        <Spinner className="pointer-events-none absolute top-1/2 left-3.5 -mt-2 size-4" />
      ) : (
        <Search
          className="pointer-events-none absolute top-1/2 left-3.5 size-4 -translate-y-1/2 text-muted-foreground"
          aria-hidden="true"
        />
      )}
      <input
        type="search"
        name="q"
        role="combobox"
        aria-expanded={shown}
        aria-controls={`${base}-list`}
        aria-activedescendant={shown && active >= 0 ? `${base}-${active}` : undefined}
        aria-autocomplete="list"
        aria-label={t('search')}
        autoComplete="off"
        enterKeyHint="search"
        maxLength={100}
        placeholder={t('searchPlaceholder')}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setActive(-1)
          setOpen(true)
        }}
        onFocus={() => setOpen(true)}
        onKeyDown={onKeyDown}
        className={cn(
          'w-full rounded-full border bg-card pr-4 pl-10 placeholder:text-muted-foreground hover:border-input',
          large ? 'h-12 text-base' : 'h-10 text-sm',
        )}
      />
      <div
        id={`${base}-list`}
        role="listbox"
        aria-label={t('suggestions')}
        hidden={!shown}
        className={cn(
          'absolute inset-x-0 z-40 mt-2 max-h-[70dvh] overflow-y-auto rounded-lg border bg-popover p-2 shadow-lg',
        )}
      >
        {shown && data ? (
          <>
            <Group title={t('suggestedSearches')}>
              {data.queries.slice(0, SEARCHES).map((query) => (
                <div key={query} {...optionProps(`q:${query}`)} className={row}>
                  <Search className="size-4 flex-none text-muted-foreground" aria-hidden="true" />
                  {query}
                </div>
              ))}
            </Group>
            <Group title={t('suggestedCategories')}>
              {data.categories.map((category) => (
                <div key={category.slug} {...optionProps(`c:${category.slug}`)} className={row}>
                  {category.name}
                </div>
              ))}
            </Group>
            <Group title={t('suggestedProducts')}>
              {data.products.map((product) => (
                <div key={product.id} {...optionProps(`p:${product.id}`)} className={row}>
                  <span className="h-14 w-11 flex-none overflow-hidden rounded-sm bg-tile">
                    {product.image ? (
                      <Picture
                        image={product.image}
                        sizes="44px"
                        alt=""
                        fit="contain"
                        className="size-full p-1"
                      />
                    ) : null}
                  </span>
                  <span className="min-w-0 flex-1 truncate">
                    {product.name}
                    {product.part_number ? (
                      <span className="block truncate text-xs text-muted-foreground">
                        {common('partNumber', { number: product.part_number })}
                      </span>
                    ) : null}
                  </span>
                  <span className="text-muted-foreground tabular-nums">
                    {formatMoney(product.price.amount, locale, { whole: true })}
                  </span>
                </div>
              ))}
            </Group>
          </>
        ) : null}
      </div>
    </form>
  )
}

const row =
  'flex min-h-11 cursor-pointer items-center gap-3 rounded-md px-3 py-1.5 text-sm aria-selected:bg-muted'

function Group({ title, children }: { title: string; children: ReactNode[] }) {
  if (children.length === 0) return null
  return (
    // biome-ignore lint/a11y/useSemanticElements: a listbox groups its options with this role
    <div role="group" aria-label={title}>
      <p className="px-3 pt-2 pb-1 text-xs text-muted-foreground" aria-hidden="true">
        {title}
      </p>
      {children}
    </div>
  )
}

/** In the order they are shown. */
function optionsOf(data: Suggestions, locale: Locale): Option[] {
  return [
    ...data.queries.slice(0, SEARCHES).map((query) => ({
      key: `q:${query}`,
      label: query,
      href: paths.search(locale, query),
    })),
    ...data.categories.map((category) => ({
      key: `c:${category.slug}`,
      label: category.name,
      href: paths.category(locale, category.slug),
    })),
    ...data.products.map((product) => ({
      key: `p:${product.id}`,
      label: product.name,
      href: paths.product(locale, product.slug),
    })),
  ]
}
