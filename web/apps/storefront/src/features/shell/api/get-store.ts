import 'server-only'
import type { Locale, Menu, Store } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { publicBuyer, tags } from '@/config/cache'
import { serverApi } from '@/lib/api-server'

export async function getStore(locale: Locale): Promise<Store> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.store)
  return serverApi()('GET /store', { query: publicBuyer(locale) })
}

export async function getMenu(code: 'main' | 'footer', locale: Locale): Promise<Menu> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.menus)
  return serverApi()('GET /content/menus/{code}', { path: { code }, query: publicBuyer(locale) })
}
