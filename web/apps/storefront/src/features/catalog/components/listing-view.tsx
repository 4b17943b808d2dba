'use client'
import type { Listing, Locale } from '@stoa/api-client'
import {
  Alert,
  Button,
  buttonVariants,
  Chip,
  cn,
  EmptyState,
  formatMoney,
  Select,
  SlidersHorizontal,
} from '@stoa/ui'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type ReactNode, useId, useMemo, useRef, useState } from 'react'
import { readCatalogue } from '@/features/buyer/read'
import { usePartNumbers } from '@/features/buyer/use-part-numbers'
import { useViewer } from '@/features/buyer/use-viewer'
import { asked, sameViewer, type Viewer } from '@/features/buyer/viewer'
import { errorKey } from '@/lib/error-message'
import { useHydrated } from '@/lib/use-hydrated'
import { useSearch } from '@/lib/use-search'
import {
  askForListing,
  chosenFilters,
  clearFilters,
  countFilters,
  type Filters,
  filtersFromSearch,
  filtersToSearch,
  type ListingScope,
  listingQuery,
  PAGE_SIZE,
  splitRange,
} from '../filters'
import { Facets } from './facets'
import { FilterSheet } from './filter-sheet'
import { ProductGrid } from './product-grid'

/**
 * A listing that came from the server and lives on in the browser: choosing a filter changes the address and asks the
 * API for products; the page itself is not asked for again. Without JavaScript it is a form and links.
 */
export function ListingView({
  scope,
  locale,
  rendered,
  initialSearch,
  empty,
}: {
  scope: ListingScope
  locale: Locale
  /** What the server got, when, and for whom. */
  rendered: { listing: Listing; at: number; viewer: Viewer }
  /** The query that it answers, in its one spelling. */
  initialSearch: string
  /** Shown when nothing is found although nothing is filtered. */
  empty?: ReactNode
}) {
  const t = useTranslations('catalog')
  const errors = useTranslations('errors')
  const { listing: initial, at } = rendered
  const viewer = useViewer(rendered.viewer)
  const [search, setSearch] = useSearch(initialSearch)
  const filters = useMemo(() => filtersFromSearch(search), [search])
  const spelled = filtersToSearch(filters)
  const top = useRef<HTMLDivElement>(null)
  const sortId = useId()
  const formId = useId()
  const [sheetOpen, setSheetOpen] = useState(false)

  const hydrated = useHydrated()
  const asRendered = spelled === initialSearch && sameViewer(viewer, rendered.viewer)
  const query = useInfiniteQuery({
    queryKey: ['listing', locale, viewer, scope, spelled],
    initialPageParam: filters.cursor,
    queryFn: ({ pageParam, signal }) =>
      askForListing({ ...filters, cursor: pageParam }, (accepted) =>
        readCatalogue(
          viewer,
          'GET /catalog/listing',
          { query: listingQuery(scope, accepted, { locale, ...asked(viewer) }) },
          { signal },
        ),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // What was on the page before, unless it was somebody else's.
    placeholderData: (previous, before) =>
      sameViewer(viewer, (before?.queryKey[2] as Viewer | undefined) ?? viewer) ? previous : undefined,
    // The clock decides what is old, and a cached page may not read the clock: ask only in the browser.
    enabled: hydrated,
    ...(hydrated && asRendered
      ? { initialData: { pages: [initial], pageParams: [filters.cursor] }, initialDataUpdatedAt: at }
      : {}),
    staleTime: 300_000,
  })
  const pages = query.data?.pages ?? [initial]
  const newest = pages[0] ?? initial
  const last = pages.at(-1) ?? initial
  const cards = pages.flatMap((page) => page.items)
  const pending = query.isPlaceholderData || (query.isPending && !asRendered)
  const own = Boolean(viewer.buyer) && (Boolean(query.data) || asRendered)
  const numbers = usePartNumbers(
    viewer,
    cards.map((card) => card.id),
  )

  const change = (next: Filters) => {
    setSearch(filtersToSearch(next))
    // What was changed is above; a grid that starts anew is read from its top.
    if (top.current && top.current.getBoundingClientRect().top < 0) {
      top.current.scrollIntoView({ block: 'start' })
    }
  }
  const chosen = chosenFilters(filters, newest.facets)
  const price =
    filters.price && priceWords(filters.price, newest.price?.min.currency ?? viewer.currency, locale)
  const count = countFilters(filters)
  const nextHref = last.next_cursor ? filtersToSearch({ ...filters, cursor: last.next_cursor }) : undefined
  const previousHref = newest.prev_cursor
    ? filtersToSearch({ ...filters, cursor: newest.prev_cursor })
    : undefined

  if (newest.total === 0 && count === 0 && !pending && empty) return empty

  return (
    <div
      ref={top}
      data-catalogue={own ? 'own' : true}
      className="scroll-mt-24 lg:grid lg:grid-cols-[15rem_minmax(0,1fr)] lg:gap-12"
    >
      <aside aria-label={t('filters')} className="filter-rail relative max-lg:hidden">
        {/* With the keyboard the goods would be a hundred presses away. */}
        <a
          href="#goods"
          className="sr-only focus:not-sr-only focus:absolute focus:z-10 focus:rounded-md focus:bg-primary focus:px-4 focus:py-2 focus:text-primary-foreground"
        >
          {t('skipFilters')}
        </a>
        <form
          id={formId}
          method="get"
          onSubmit={(event) => event.preventDefault()}
          className="sticky top-24 max-h-[calc(100dvh-7rem)] overflow-y-auto overscroll-contain mask-[linear-gradient(to_top,transparent,black_2rem)] pr-2 pb-8 pl-1 -ml-1"
        >
          {filters.q ? <input type="hidden" name="q" value={filters.q} /> : null}
          <Facets listing={newest} filters={filters} onChange={change} />
          <noscript>
            <button type="submit" className={cn(buttonVariants({ block: true }), 'mt-4')}>
              {t('applyFilters')}
            </button>
          </noscript>
        </form>
      </aside>
      <noscript>
        <style>{'.filter-rail{display:block!important}'}</style>
      </noscript>

      <div id="goods" tabIndex={-1} className="scroll-mt-24 outline-none">
        <div className="flex min-h-11 items-center justify-between gap-4">
          <Button variant="outline" size="md" className="lg:hidden" onClick={() => setSheetOpen(true)}>
            <SlidersHorizontal className="size-4" aria-hidden="true" />
            {count > 0 ? t('filtersWithCount', { count }) : t('filters')}
          </Button>
          <p aria-live="polite" className="text-sm text-muted-foreground tabular-nums max-lg:hidden">
            {t('results', { count: newest.total })}
          </p>
          <div className="flex min-w-0 items-center gap-3">
            <label htmlFor={sortId} className="text-sm text-muted-foreground max-sm:sr-only">
              {t('sort')}
            </label>
            <Select
              id={sortId}
              name="sort"
              form={formId}
              value={newest.sorts.find((sort) => sort === filters.sort) ?? newest.sort}
              className="w-46 max-w-full min-w-0 sm:w-52"
              onChange={(event) => change({ ...filters, cursor: undefined, sort: event.target.value })}
            >
              {newest.sorts.map((sort) => (
                <option key={sort} value={sort}>
                  {t(`sorts.${sort}`)}
                </option>
              ))}
            </Select>
          </div>
        </div>
        <p className="mt-3 text-sm text-muted-foreground tabular-nums lg:hidden">
          {t('results', { count: newest.total })}
        </p>
        {count > 0 ? (
          <ul aria-label={t('chosenFilters')} className="mt-4 flex flex-wrap gap-2">
            {chosen.map((filter) => (
              <li key={`${filter.code}:${filter.value}`}>
                <Chip
                  removeLabel={t('removeFilter', { filter: filter.label })}
                  onClick={() => change(filter.without)}
                >
                  {filter.label}
                </Chip>
              </li>
            ))}
            {price ? (
              <li>
                <Chip
                  removeLabel={t('removeFilter', { filter: `${t('price')} ${price}` })}
                  onClick={() => change({ ...filters, cursor: undefined, price: undefined })}
                >
                  {price}
                </Chip>
              </li>
            ) : null}
            {filters.available ? (
              <li>
                <Chip
                  removeLabel={t('removeFilter', { filter: t('inStockOnly') })}
                  onClick={() => change({ ...filters, cursor: undefined, available: false })}
                >
                  {t('inStockOnly')}
                </Chip>
              </li>
            ) : null}
            <li>
              <Button variant="link" size="sm" onClick={() => change(clearFilters(filters))}>
                {t('clearAll')}
              </Button>
            </li>
          </ul>
        ) : null}

        {query.isError && !query.isFetchNextPageError ? (
          <Alert
            tone="error"
            className="mt-6"
            title={t('failed')}
            action={<Retry onClick={() => query.refetch()} />}
          >
            {errors(errorKey(query.error))}
          </Alert>
        ) : null}

        {newest.total === 0 && !pending ? (
          <EmptyState
            title={t('emptyTitle')}
            action={
              <Button variant="outline" onClick={() => change(clearFilters(filters))}>
                {t('clearAll')}
              </Button>
            }
          >
            {t('emptyText')}
          </EmptyState>
        ) : (
          <div
            aria-busy={pending}
            // An answer that comes at once changes the products without a flicker in between.
            className={cn('mt-6 transition-opacity', pending && 'opacity-50 delay-200')}
          >
            {previousHref ? (
              <a
                href={previousHref}
                className={cn(buttonVariants({ variant: 'outline', block: true }), 'mb-8')}
              >
                {t('previous')}
              </a>
            ) : null}
            <ProductGrid
              cards={cards}
              numbers={numbers}
              coming={query.isFetchingNextPage ? Math.min(PAGE_SIZE, newest.total - cards.length) : 0}
            />
            {nextHref ? (
              <div className="mt-14 flex flex-col items-center gap-3">
                {query.isFetchNextPageError ? (
                  <p role="alert" className="text-sm text-destructive">
                    {t('failed')}
                  </p>
                ) : null}
                <p className="text-sm text-muted-foreground tabular-nums">
                  {t('shown', { shown: cards.length, total: newest.total })}
                </p>
                <a
                  href={nextHref}
                  rel="next"
                  aria-busy={query.isFetchingNextPage}
                  className={buttonVariants({ variant: 'outline', size: 'lg' })}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey || event.shiftKey) return
                    event.preventDefault()
                    void query.fetchNextPage()
                  }}
                >
                  {t('loadMore')}
                </a>
              </div>
            ) : null}
          </div>
        )}
      </div>
      <FilterSheet
        open={sheetOpen}
        onClose={() => setSheetOpen(false)}
        listing={newest}
        filters={filters}
        onChange={change}
      />
    </div>
  )
}

/** "€10 – €50", "from €10", in signs that every language reads. */
function priceWords(range: string, currency: string, locale: Locale): string {
  const [min, max] = splitRange(range)
  const words = (amount: number) => formatMoney({ amount, currency }, locale, { whole: true })
  if (min === undefined) return max === undefined ? '' : `≤ ${words(max)}`
  return max === undefined ? `≥ ${words(min)}` : `${words(min)} – ${words(max)}`
}

function Retry({ onClick }: { onClick: () => void }) {
  const t = useTranslations('common')
  return (
    <Button variant="outline" size="sm" onClick={onClick}>
      {t('retry')}
    </Button>
  )
}
