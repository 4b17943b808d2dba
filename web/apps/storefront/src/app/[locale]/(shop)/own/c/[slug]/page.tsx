import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { getOwnCategory, getOwnListing } from '@/features/buyer/api/own-catalogue'
import { renderedListing } from '@/features/catalog/api/rendered-listing'
import { CategoryPage } from '@/features/catalog/components/category-page'
import { filtersToSearch, parseFilters } from '@/features/catalog/filters'
import { isLocale } from '@/i18n/locales'
import { entryMetadata } from '@/lib/metadata'

/** For a buyer with prices of their own, at the address of the page that everybody has (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/own/c/[slug]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const category = await getOwnCategory(slug, locale)
  if (!category) return {}
  return entryMetadata(category, locale, paths.category, { index: false })
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale, slug }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  const category = await getOwnCategory(slug, locale)
  if (!category) notFound()
  if (category.slug !== slug)
    redirect(
      paths.category(locale, category.slug) + filtersToSearch({ ...parseFilters(query), q: undefined }),
    )
  const rendered = await renderedListing(getOwnListing, { category: category.slug }, query, locale)
  if (!rendered) notFound()
  return <CategoryPage category={category} {...rendered} locale={locale} />
}
