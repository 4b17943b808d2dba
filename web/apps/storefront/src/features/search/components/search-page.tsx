import type { Locale } from '@stoa/api-client'
import { chipClass, EmptyState } from '@stoa/ui'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { getCategories } from '@/features/catalog/api/get-category'
import type { CachedListing } from '@/features/catalog/api/get-listing'
import { ListingView } from '@/features/catalog/components/listing-view'
import type { Filters } from '@/features/catalog/filters'
import { getHome } from '@/features/home/api/get-home'
import { LiveRail } from '@/features/home/components/live-rail'
import { SearchBox } from './search-box'

export async function SearchPage({
  filters,
  cached,
  search,
  locale,
}: {
  filters: Filters
  cached: CachedListing | null
  search: string
  locale: Locale
}) {
  const t = await getTranslations({ locale, namespace: 'search' })
  const query = filters.q
  const listing = cached?.listing
  return (
    <div className="container-page pt-8">
      <h1 className="headline text-3xl lg:text-4xl">
        {query ? t('resultsFor', { query }) : t('emptyQuery')}
      </h1>
      <div className="mt-6 mb-10 max-w-xl">
        <SearchBox key={query} locale={locale} initial={query ?? ''} large />
      </div>
      {listing?.did_you_mean ? (
        <p className="mb-8">
          {t('didYouMean')}{' '}
          <Link
            href={paths.search(locale, listing.did_you_mean)}
            className="font-medium underline underline-offset-4"
          >
            {listing.did_you_mean}
          </Link>
          ?
        </p>
      ) : null}
      {query && cached ? (
        <ListingView
          key={query}
          scope={{}}
          locale={locale}
          rendered={cached}
          initialSearch={search}
          // Only a search that found nothing carries what stands in for its results.
          empty={
            cached.listing.total === 0 ? (
              <>
                <EmptyState title={t('noneTitle', { query })}>{t('noneText')}</EmptyState>
                <Elsewhere locale={locale} />
              </>
            ) : undefined
          }
        />
      ) : (
        <div>
          <p className="text-muted-foreground">{t('emptyQueryText')}</p>
          <Elsewhere locale={locale} />
        </div>
      )}
    </div>
  )
}

/** Where to go on from here: the categories, and what most people choose. */
async function Elsewhere({ locale }: { locale: Locale }) {
  const [t, categories, home] = await Promise.all([
    getTranslations({ locale, namespace: 'search' }),
    getCategories(locale),
    getHome(locale),
  ])
  return (
    <>
      <section aria-labelledby="browse" className="mt-10">
        <h2 id="browse" className="mb-4 font-medium">
          {t('browse')}
        </h2>
        <ul className="flex flex-wrap gap-3">
          {categories.map((category) => (
            <li key={category.id}>
              <Link href={paths.category(locale, category.slug)} className={chipClass}>
                {category.name}
              </Link>
            </li>
          ))}
        </ul>
      </section>
      {home.best_sellers.length > 0 ? (
        <section aria-labelledby="loved" className="mt-16">
          <h2 id="loved" className="headline mb-6 text-2xl lg:text-3xl">
            {t('loved')}
          </h2>
          <LiveRail part="best_sellers" cards={home.best_sellers} locale={locale} />
        </section>
      ) : null}
    </>
  )
}
