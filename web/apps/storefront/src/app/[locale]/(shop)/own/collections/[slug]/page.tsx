import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { getOwnCollection, getOwnListing } from '@/features/buyer/api/own-catalogue'
import { renderedListing } from '@/features/catalog/api/rendered-listing'
import { CollectionPage } from '@/features/catalog/components/collection-page'
import { filtersToSearch, parseFilters } from '@/features/catalog/filters'
import { isLocale } from '@/i18n/locales'
import { entryMetadata } from '@/lib/metadata'

/** For a buyer with prices of their own, at the address of the page that everybody has (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/own/collections/[slug]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const collection = await getOwnCollection(slug, locale)
  if (!collection) return {}
  return entryMetadata(collection, locale, paths.collection, { index: false })
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale, slug }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  const collection = await getOwnCollection(slug, locale)
  if (!collection) notFound()
  if (collection.slug !== slug)
    redirect(
      paths.collection(locale, collection.slug) + filtersToSearch({ ...parseFilters(query), q: undefined }),
    )
  const rendered = await renderedListing(getOwnListing, { collection: collection.slug }, query, locale)
  if (!rendered) notFound()
  return <CollectionPage collection={collection} {...rendered} locale={locale} />
}
