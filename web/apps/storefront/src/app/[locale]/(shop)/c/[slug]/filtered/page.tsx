import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { paths } from '@/config/paths'
import { getCategory } from '@/features/catalog/api/get-category'
import { getListing } from '@/features/catalog/api/get-listing'
import { CategoryPage } from '@/features/catalog/components/category-page'
import { filtersToSearch, noFilters, parseFilters } from '@/features/catalog/filters'
import { isLocale } from '@/i18n/locales'
import { bySlug, pageMetadata } from '@/lib/metadata'

/** The same category with filters in the query; the address does not show this folder (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/c/[slug]/filtered'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const category = await getCategory(slug, locale)
  if (!category) return {}
  return pageMetadata({
    locale,
    title: category.seo.title,
    description: category.seo.description,
    pathIn: bySlug(category.alternates, locale, category.slug, paths.category),
    index: false,
  })
}

export default async function Page({ params, searchParams }: Props) {
  const [{ locale, slug }, query] = await Promise.all([params, searchParams])
  if (!isLocale(locale)) notFound()
  const category = await getCategory(slug, locale)
  if (!category) notFound()
  const filters = { ...parseFilters(query), q: undefined }
  // Filters that the shop does not know are shown as chosen, so that they can be taken away, and filter nothing.
  const cached =
    (await getListing({ category: category.slug }, filters, locale)) ??
    (await getListing({ category: category.slug }, noFilters, locale))
  if (!cached) notFound()
  return (
    <CategoryPage category={category} cached={cached} search={filtersToSearch(filters)} locale={locale} />
  )
}
