import type { Locale } from '@stoa/api-client'
import { chipClass, EmptyState } from '@stoa/ui'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { getCategories } from '@/features/catalog/api/get-category'
import type { CachedListing } from '@/features/catalog/api/get-listing'
import { ListingView } from '@/features/catalog/components/listing-view'
import type { Filters } from '@/features/catalog/filters'
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
          initial={cached.listing}
          at={cached.at}
          initialSearch={search}
          empty={
            <EmptyState title={t('noneTitle', { query })} action={<Browse locale={locale} />}>
              {t('noneText')}
            </EmptyState>
          }
        />
      ) : (
        <div>
          <p className="text-muted-foreground">{t('emptyQueryText')}</p>
          <h2 className="mt-10 mb-4 font-medium">{t('browse')}</h2>
          <Browse locale={locale} />
        </div>
      )}
    </div>
  )
}

async function Browse({ locale }: { locale: Locale }) {
  const categories = await getCategories(locale)
  return (
    <ul className="flex flex-wrap gap-3">
      {categories.map((category) => (
        <li key={category.id}>
          <Link href={paths.category(locale, category.slug)} className={chipClass}>
            {category.name}
          </Link>
        </li>
      ))}
    </ul>
  )
}
