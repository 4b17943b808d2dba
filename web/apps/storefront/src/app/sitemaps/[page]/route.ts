import { connection } from 'next/server'
import { paths } from '@/config/paths'
import { locales } from '@/i18n/locales'
import { absolute } from '@/lib/metadata'
import { escapeXml, sitemapCursors, sitemapEntries, sitemapPage, xml } from '@/lib/sitemap'

const OPEN =
  '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'

function fixedPages(): string {
  return [paths.home, paths.faq, paths.stories]
    .flatMap((path) => {
      const links = locales
        .map(
          (locale) =>
            `<xhtml:link rel="alternate" hreflang="${locale}" href="${escapeXml(absolute(path(locale)))}"/>`,
        )
        .join('')
      return locales.map((locale) => `<url><loc>${escapeXml(absolute(path(locale)))}</loc>${links}</url>`)
    })
    .join('\n')
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
  const items = await sitemapPage(cursors[number - 1])
  return xml(`${OPEN}\n${items.map(sitemapEntries).join('\n')}\n</urlset>`)
}
