import type { Metadata } from 'next'
import { notFound, permanentRedirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { getProduct } from '@/features/product/api/get-product'
import { ProductView } from '@/features/product/components/product-view'
import { isLocale } from '@/i18n/locales'
import { entryMetadata } from '@/lib/metadata'

export const ensureStatic = 'navigation'

/** Products are rendered on their first visit; the build must name one. */
export function generateStaticParams() {
  return [{ slug: '-' }]
}

type Props = PageProps<'/[locale]/products/[slug]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  const cached = isLocale(locale) ? await getProduct(slug, locale) : null
  if (!isLocale(locale) || !cached) return {}
  const { product } = cached
  return entryMetadata(product, locale, paths.product, { image: product.media[0] })
}

export default async function Page({ params }: Props) {
  const { locale, slug } = await params
  if (!isLocale(locale)) notFound()
  const cached = await getProduct(slug, locale)
  if (!cached) notFound()
  if (cached.product.slug !== slug) permanentRedirect(paths.product(locale, cached.product.slug))
  return <ProductView cached={cached} locale={locale} />
}
