import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { getOwnCollection, getOwnListing } from '@/features/buyer/api/own-catalogue'
import { CollectionPage } from '@/features/catalog/components/collection-page'
import { filtersToSearch, noFilters, parseFilters } from '@/features/catalog/filters'
import { isLocale } from '@/i18n/locales'
import { bySlug, pageMetadata } from '@/lib/metadata'

/** For a buyer with prices of their own, at the address of the page that everybody has (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/own/collections/[slug]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const collection = await getOwnCollection(slug, locale)
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
  const collection = await getOwnCollection(slug, locale)
  if (!collection) notFound()
  const filters = { ...parseFilters(query), q: undefined }
  const search = filtersToSearch(filters)
  if (collection.slug !== slug) redirect(paths.collection(locale, collection.slug) + search)
  const scope = { collection: collection.slug }
  const rendered =
    (await getOwnListing(scope, filters, locale)) ?? (await getOwnListing(scope, noFilters, locale))
  if (!rendered) notFound()
  return <CollectionPage collection={collection} cached={rendered} search={search} locale={locale} />
}
