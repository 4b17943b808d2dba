import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { paths } from '@/config/paths'
import { getCategory } from '@/features/catalog/api/get-category'
import { getListing } from '@/features/catalog/api/get-listing'
import { renderedListing } from '@/features/catalog/api/rendered-listing'
import { CategoryPage } from '@/features/catalog/components/category-page'
import { isLocale } from '@/i18n/locales'
import { entryMetadata } from '@/lib/metadata'

/** The same category with filters in the query; the address does not show this folder (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/c/[slug]/filtered'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const category = await getCategory(slug, locale)
  if (!category) return {}
  return entryMetadata(category, locale, paths.category, { index: false })
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale, slug }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  const category = await getCategory(slug, locale)
  if (!category) notFound()
  const rendered = await renderedListing(getListing, { category: category.slug }, query, locale)
  if (!rendered) notFound()
  return <CategoryPage category={category} {...rendered} locale={locale} />
}
