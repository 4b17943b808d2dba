import 'server-only'
import type { Locale } from '@stoa/api-client'
import type { Metadata } from 'next'
import { notFound, permanentRedirect } from 'next/navigation'
import { paths } from '@/config/paths'
import { entryMetadata } from '@/lib/metadata'
import { getContentPage } from '../api/get-content'
import { Article } from './article'

const PATHS = { page: paths.page, story: paths.story } as const
type Kind = keyof typeof PATHS

export async function contentMetadata(kind: Kind, slug: string, locale: Locale): Promise<Metadata> {
  const page = await getContentPage(slug, locale)
  return page ? entryMetadata(page, locale, PATHS[kind], { type: 'article' }) : {}
}

/** One text has one address: stories live under "stories", the rest under "p", each under its present slug. */
export async function ContentRoute({ kind, slug, locale }: { kind: Kind; slug: string; locale: Locale }) {
  const page = await getContentPage(slug, locale)
  if (!page) notFound()
  const path = PATHS[page.kind](locale, page.slug)
  if (page.kind !== kind || page.slug !== slug) permanentRedirect(path)
  return <Article page={page} path={path} locale={locale} />
}
