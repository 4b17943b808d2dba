import 'server-only'
import type { Alternates, Locale } from '@stoa/api-client'
import type { Metadata } from 'next'
import { env } from '@/config/env'
import { defaultLocale, locales } from '@/i18n/locales'

export const absolute = (path: string): string => new URL(path, env().publicUrl).href

type PathIn = (locale: Locale) => string | undefined

/** Canonical address and the same page in the other languages, for those languages in which it exists. */
export function alternatesOf(locale: Locale, pathIn: PathIn): NonNullable<Metadata['alternates']> {
  const languages: Record<string, string> = {}
  for (const other of locales) {
    const path = pathIn(other)
    if (path) languages[other] = absolute(path)
  }
  const fallback = pathIn(defaultLocale)
  if (fallback) languages['x-default'] = absolute(fallback)
  const own = pathIn(locale)
  return { ...(own ? { canonical: absolute(own) } : {}), languages }
}

/** A page's path per language from the slugs that the API gives. */
export const bySlug =
  (
    alternates: Alternates,
    locale: Locale,
    slug: string,
    path: (locale: Locale, slug: string) => string,
  ): PathIn =>
  (other) => {
    const known = other === locale ? slug : alternates[other]
    return known ? path(other, known) : undefined
  }

export function pageMetadata(options: {
  locale: Locale
  title: string
  description?: string | undefined
  pathIn: PathIn
  image?: { src: string; alt: string } | undefined
  type?: 'website' | 'article'
  index?: boolean
}): Metadata {
  const alternates = alternatesOf(options.locale, options.pathIn)
  const image = options.image ? absolute(options.image.src.replace('{w}', '1080')) : undefined
  return {
    // A title written with the shop's name in it gets no second one.
    title: / \| /.test(options.title) ? { absolute: options.title } : options.title,
    ...(options.description ? { description: options.description } : {}),
    alternates,
    ...(options.index === false ? { robots: { index: false, follow: true } } : {}),
    openGraph: {
      type: options.type ?? 'website',
      title: options.title,
      ...(options.description ? { description: options.description } : {}),
      ...(typeof alternates.canonical === 'string' ? { url: alternates.canonical } : {}),
      locale: options.locale,
      ...(image ? { images: [{ url: image, alt: options.image?.alt ?? '' }] } : {}),
    },
    twitter: { card: image ? 'summary_large_image' : 'summary' },
  }
}

/** Of what the API gives with words for search engines and with its slugs in the other languages. */
export const entryMetadata = (
  entry: { slug: string; alternates: Alternates; seo: { title: string; description: string } },
  locale: Locale,
  path: (locale: Locale, slug: string) => string,
  more: Pick<Parameters<typeof pageMetadata>[0], 'image' | 'type' | 'index'> = {},
): Metadata =>
  pageMetadata({
    locale,
    title: entry.seo.title,
    description: entry.seo.description,
    pathIn: bySlug(entry.alternates, locale, entry.slug, path),
    ...more,
  })
