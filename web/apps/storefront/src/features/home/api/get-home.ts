import 'server-only'
import type { Home, Locale } from '@stoa/api-client'
import { cacheLife, cacheTag } from 'next/cache'
import { publicBuyer, tags } from '@/config/cache'
import { slimCards } from '@/features/catalog/slim'
import { serverApi } from '@/lib/api-server'

/** Cards of a rail: four side by side, more to swipe to on a phone. */
const RAIL = 8

export async function getHome(locale: Locale): Promise<Home> {
  'use cache'
  cacheLife('catalogue')
  cacheTag(tags.home, tags.listing)
  const home = await serverApi()('GET /content/home', { query: publicBuyer(locale) })
  return {
    ...home,
    new_arrivals: slimCards(home.new_arrivals.slice(0, RAIL), 0),
    best_sellers: slimCards(home.best_sellers.slice(0, RAIL), 0),
  }
}
