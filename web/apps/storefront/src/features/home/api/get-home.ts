import 'server-only'
import type { Home, Locale } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { publicBuyer, tags } from '@/config/cache'
import { serverApi } from '@/lib/api-server'

export async function getHome(locale: Locale): Promise<Home> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.home, tags.listing)
  return serverApi()('GET /content/home', { query: publicBuyer(locale) })
}
