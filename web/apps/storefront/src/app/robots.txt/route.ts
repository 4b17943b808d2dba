import { connection } from 'next/server'
import { absolute } from '@/lib/metadata'

const PRIVATE = [
  '/api/',
  '/internal/',
  '/actions/',
  '/*/account',
  '/*/cart',
  '/*/checkout',
  '/*/login',
  '/*/register',
]

/** Read at request time, since only then is the public address known. */
export async function GET(): Promise<Response> {
  await connection()
  const lines = [
    'User-agent: *',
    ...PRIVATE.map((path) => `Disallow: ${path}`),
    '',
    `Sitemap: ${absolute('/sitemap.xml')}`,
  ]
  return new Response(`${lines.join('\n')}\n`, {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=3600' },
  })
}
