import type { FetchQueryOptions } from '@tanstack/react-query'
import { QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { vi } from 'vitest'
import { resources } from '../src/api/resources'
import { session } from '../src/api/session'
import { createQueryClient } from '../src/app'
import { memoryHistory, Router } from '../src/lib/router'
import { makeFake } from './fake'

export const NOW = new Date('2026-11-27T12:00:00Z').getTime()

/** The stand-in for the API, in place of the network. */
export function startFake() {
  const fake = makeFake(NOW)
  vi.stubGlobal('fetch', fake.fetch)
  return fake
}

/** What failed stays failed: on the page it would be tried again as soon as it is looked at. */
export function quietClient() {
  const client = createQueryClient()
  client.setDefaultOptions({
    queries: { ...client.getDefaultOptions().queries, retryOnMount: false, retry: false },
  })
  return client
}

// biome-ignore lint/suspicious/noExplicitAny: every query of the application, whatever it answers
type AnyQuery = FetchQueryOptions<any, any, any, any>

/** What a page shows at `href` once these queries are answered, or have failed. */
export async function show(href: string, page: ReactNode, queries: readonly unknown[] = []): Promise<string> {
  const client = quietClient()
  for (const query of [session, resources, ...queries])
    await client.prefetchQuery({ ...(query as AnyQuery), retry: false })
  const html = renderToStaticMarkup(
    <QueryClientProvider client={client}>
      <Router history={memoryHistory(href)}>{page}</Router>
    </QueryClientProvider>,
  )
  client.clear()
  return html
}

/** The text of a page as a reader meets it: without what is in dialogs that are closed. */
export const textOf = (html: string): string =>
  html
    .replace(/<dialog(?![^>]*\sopen)[\s\S]*?<\/dialog>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#x27;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim()
