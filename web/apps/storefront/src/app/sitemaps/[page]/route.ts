import { connection } from 'next/server'
import { paths } from '@/config/paths'
import { getContentList } from '@/features/content/api/get-content'
import { defaultLocale, locales } from '@/i18n/locales'
import { absolute } from '@/lib/metadata'
import { escapeXml, sitemapCursors, sitemapEntries, sitemapPage, xml } from '@/lib/sitemap'

const OPEN =
  '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'

function fixedPages(): string {
  return [paths.home, paths.faq, paths.stories]
    .flatMap((path) => {
      const links = [...locales, 'x-default' as const]
        .map((code) => {
          const url = absolute(path(code === 'x-default' ? defaultLocale : code))
          return `<xhtml:link rel="alternate" hreflang="${code}" href="${escapeXml(url)}"/>`
        })
        .join('')
      return locales.map((locale) => `<url><loc>${escapeXml(absolute(path(locale)))}</loc>${links}</url>`)
    })
    .join('\n')
}

/** Stories are pages with an address of their own kind; the sitemap names where they are, not what leads there. */
async function storySlugs(): Promise<Set<string>> {
  const lists = await Promise.all(
    locales.map(async (locale) =>
      (await getContentList(locale)).flatMap(({ kind, slug }) =>
        kind === 'story' ? [`${locale}/${slug}`] : [],
      ),
    ),
  )
  return new Set(lists.flat())
}

export async function GET(
  _request: Request,
  { params }: RouteContext<'/sitemaps/[page]'>,
): Promise<Response> {
  await connection()
  const { page } = await params
  if (page === 'pages.xml') return xml(`${OPEN}\n${fixedPages()}\n</urlset>`)
  const number = Number.parseInt(/^(\d{1,3})\.xml$/.exec(page)?.[1] ?? '', 10)
  const cursors = await sitemapCursors()
  if (!(number >= 1 && number <= cursors.length)) return new Response('Not found', { status: 404 })
  const [items, stories] = await Promise.all([sitemapPage(cursors[number - 1]), storySlugs()])
  return xml(`${OPEN}\n${items.map((item) => sitemapEntries(item, stories)).join('\n')}\n</urlset>`)
}
