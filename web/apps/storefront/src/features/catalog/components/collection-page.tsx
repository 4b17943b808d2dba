import type { Collection, Locale } from '@stoa/api-client'
import { EmptyState } from '@stoa/ui'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { localiseHtml } from '@/lib/localise-html'
import type { CachedListing } from '../api/get-listing'
import { Crumbs } from './crumbs'
import { ListingView } from './listing-view'

export async function CollectionPage({
  collection,
  cached,
  search,
  locale,
}: {
  collection: Collection
  cached: CachedListing
  search: string
  locale: Locale
}) {
  const t = await getTranslations({ locale, namespace: 'catalog' })
  return (
    <div className="container-page pt-6">
      <Crumbs
        locale={locale}
        crumbs={[]}
        current={{ name: collection.name, path: paths.collection(locale, collection.slug) }}
      />
      <header className="mt-6 mb-10 max-w-3xl lg:mt-8 lg:mb-14">
        <h1 className="headline text-4xl lg:text-5xl">{collection.name}</h1>
        {collection.description ? (
          <div
            className="prose-stoa mt-4 text-lg text-muted-foreground"
            // biome-ignore lint/security/noDangerouslySetInnerHtml: the API allows a fixed list of tags
            dangerouslySetInnerHTML={{ __html: localiseHtml(collection.description, locale) }}
          />
        ) : null}
      </header>
      <ListingView
        scope={{ collection: collection.slug }}
        locale={locale}
        rendered={cached}
        initialSearch={search}
        empty={<EmptyState title={t('categoryNotFound')} />}
      />
    </div>
  )
}
