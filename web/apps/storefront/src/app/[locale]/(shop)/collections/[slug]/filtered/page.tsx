import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { paths } from '@/config/paths'
import { getCollection } from '@/features/catalog/api/get-category'
import { getListing } from '@/features/catalog/api/get-listing'
import { CollectionPage } from '@/features/catalog/components/collection-page'
import { filtersToSearch, noFilters, parseFilters } from '@/features/catalog/filters'
import { isLocale } from '@/i18n/locales'
import { bySlug, pageMetadata } from '@/lib/metadata'

/** The same collection with filters in the query; the address does not show this folder (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/collections/[slug]/filtered'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const collection = await getCollection(slug, locale)
  if (!collection) return {}
  return pageMetadata({
    locale,
    title: collection.seo.title,
    description: collection.seo.description,
    pathIn: bySlug(collection.alternates, locale, collection.slug, paths.collection),
    index: false,
  })
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale, slug }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  const collection = await getCollection(slug, locale)
  if (!collection) notFound()
  const filters = { ...parseFilters(query), q: undefined }
  // Filters that the shop does not know are shown as chosen, so that they can be taken away, and filter nothing.
  const cached =
    (await getListing({ collection: collection.slug }, filters, locale)) ??
    (await getListing({ collection: collection.slug }, noFilters, locale))
  if (!cached) notFound()
  return (
    <CollectionPage
      collection={collection}
      cached={cached}
      search={filtersToSearch(filters)}
      locale={locale}
    />
  )
}
