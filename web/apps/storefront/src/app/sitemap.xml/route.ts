import { connection } from 'next/server'
import { absolute } from '@/lib/metadata'
import { escapeXml, sitemapCursors, xml } from '@/lib/sitemap'

/** The index: one file for the fixed pages, then one per thousand things. */
export async function GET(): Promise<Response> {
  await connection()
  const files = ['pages', ...(await sitemapCursors()).map((_cursor, index) => String(index + 1))]
  const entries = files
    .map((file) => `<sitemap><loc>${escapeXml(absolute(`/sitemaps/${file}.xml`))}</loc></sitemap>`)
    .join('\n')
  return xml(
    `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${entries}\n</sitemapindex>`,
  )
}
