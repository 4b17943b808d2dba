import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { paths } from '@/config/paths'
import { getCollection } from '@/features/catalog/api/get-category'
import { getListing } from '@/features/catalog/api/get-listing'
import { renderedListing } from '@/features/catalog/api/rendered-listing'
import { CollectionPage } from '@/features/catalog/components/collection-page'
import { isLocale } from '@/i18n/locales'
import { entryMetadata } from '@/lib/metadata'

/** The same collection with filters in the query; the address does not show this folder (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/collections/[slug]/filtered'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const collection = await getCollection(slug, locale)
  if (!collection) return {}
  return entryMetadata(collection, locale, paths.collection, { index: false })
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale, slug }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  const collection = await getCollection(slug, locale)
  if (!collection) notFound()
  const rendered = await renderedListing(getListing, { collection: collection.slug }, query, locale)
  if (!rendered) notFound()
  return <CollectionPage collection={collection} {...rendered} locale={locale} />
}
