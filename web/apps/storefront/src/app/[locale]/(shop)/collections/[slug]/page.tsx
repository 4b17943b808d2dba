import type { Metadata } from 'next'
import { notFound, permanentRedirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { getCollection } from '@/features/catalog/api/get-category'
import { getListing } from '@/features/catalog/api/get-listing'
import { CollectionPage } from '@/features/catalog/components/collection-page'
import { noFilters } from '@/features/catalog/filters'
import { isLocale } from '@/i18n/locales'
import { entryMetadata } from '@/lib/metadata'

export const ensureStatic = 'navigation'

/** Collections are rendered on their first visit; the build must name one. */
export function generateStaticParams() {
  return [{ slug: '-' }]
}

export async function generateMetadata({
  params,
}: PageProps<'/[locale]/collections/[slug]'>): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const collection = await getCollection(slug, locale)
  if (!collection) return {}
  return entryMetadata(collection, locale, paths.collection, {
    image: collection.image ?? undefined,
  })
}

export default async function Page({ params }: PageProps<'/[locale]/collections/[slug]'>) {
  const { locale, slug } = await params
  if (!isLocale(locale)) notFound()
  const collection = await getCollection(slug, locale)
  if (!collection) notFound()
  if (collection.slug !== slug) permanentRedirect(paths.collection(locale, collection.slug))
  const cached = await getListing({ collection: collection.slug }, noFilters, locale)
  if (!cached) notFound()
  return <CollectionPage collection={collection} cached={cached} search="" locale={locale} />
}
