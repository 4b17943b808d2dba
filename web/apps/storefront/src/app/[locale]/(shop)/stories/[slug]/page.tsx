import type { Metadata } from 'next'
import { notFound, permanentRedirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { getContentPage } from '@/features/content/api/get-content'
import { Article } from '@/features/content/components/article'
import { isLocale } from '@/i18n/locales'
import { bySlug, pageMetadata } from '@/lib/metadata'

export const ensureStatic = 'navigation'

/** Texts are rendered on their first visit; the build must name one. */
export function generateStaticParams() {
  return [{ slug: '-' }]
}

type Props = PageProps<'/[locale]/stories/[slug]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, slug } = await params
  if (!isLocale(locale)) return {}
  const page = await getContentPage(slug, locale)
  if (!page) return {}
  return pageMetadata({
    locale,
    title: page.seo.title,
    description: page.seo.description,
    pathIn: bySlug(page.alternates, locale, page.slug, paths.story),
    type: 'article',
  })
}

export default async function Page({ params }: Props) {
  const { locale, slug } = await params
  if (!isLocale(locale)) notFound()
  const page = await getContentPage(slug, locale)
  if (!page) notFound()
  // One text has one address: stories live under "stories", the rest under "p", each under its present slug.
  const path = page.kind === 'story' ? paths.story(locale, page.slug) : paths.page(locale, page.slug)
  if (page.kind !== 'story' || page.slug !== slug) permanentRedirect(path)
  return <Article page={page} path={path} locale={locale} />
}
