import type { Metadata } from 'next'
import { notFound, permanentRedirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { getCategory } from '@/features/catalog/api/get-category'
import { getListing } from '@/features/catalog/api/get-listing'
import { CategoryPage } from '@/features/catalog/components/category-page'
import { noFilters } from '@/features/catalog/filters'
import { isLocale } from '@/i18n/locales'
import { entryMetadata } from '@/lib/metadata'

export const ensureStatic = 'navigation'

/** Categories are rendered on their first visit; the build must name one. */
export function generateStaticParams() {
  return [{ slug: '-' }]
}

export async function generateMetadata({ params }: PageProps<'/[locale]/c/[slug]'>): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const category = await getCategory(slug, locale)
  if (!category) return {}
  return entryMetadata(category, locale, paths.category, {
    image: category.image ?? undefined,
  })
}

export default async function Page({ params }: PageProps<'/[locale]/c/[slug]'>) {
  const { locale, slug } = await params
  if (!isLocale(locale)) notFound()
  const category = await getCategory(slug, locale)
  if (!category) notFound()
  if (category.slug !== slug) permanentRedirect(paths.category(locale, category.slug))
  const cached = await getListing({ category: category.slug }, noFilters, locale)
  if (!cached) notFound()
  return <CategoryPage category={category} cached={cached} search="" locale={locale} />
}
