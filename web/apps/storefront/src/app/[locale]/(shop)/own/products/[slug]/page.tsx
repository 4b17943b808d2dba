import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { getOwnProduct } from '@/features/buyer/api/own-catalogue'
import { ProductView } from '@/features/product/components/product-view'
import { isLocale } from '@/i18n/locales'
import { entryMetadata } from '@/lib/metadata'

/** For a buyer with prices of their own, at the address of the page that everybody has (see config/paths). */
export const instant = false

type Props = PageProps<'/[locale]/own/products/[slug]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  const rendered = isLocale(locale) ? await getOwnProduct(slug, locale) : null
  if (!isLocale(locale) || !rendered) return {}
  const { product } = rendered
  return entryMetadata(product, locale, paths.product, {
    image: product.media[0],
    index: false,
  })
}

export default async function Page({ params }: Props) {
  const { locale, slug } = await params
  if (!isLocale(locale)) notFound()
  const rendered = await getOwnProduct(slug, locale)
  if (!rendered) notFound()
  if (rendered.product.slug !== slug) redirect(paths.product(locale, rendered.product.slug))
  return <ProductView cached={rendered} locale={locale} />
}
