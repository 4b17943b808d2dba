import { useQuery } from '@tanstack/react-query'
import { resources } from '../../api/resources'
import type { Resource, Row } from '../../api/types'
import { ResourceList } from './list'

// What has a page made by hand, and no description.
const PAGES: Record<string, (id: string) => string> = {
  returns: (id) => `/returns/${id}`,
  gift_cards: () => '/gift-cards',
  payment_cases: (id) => `/payment-cases/${encodeURIComponent(id)}`,
  webhooks: () => '/webhooks',
  jobs: () => '/jobs',
}

/** Where what was changed can be looked at; null when it has no page of its own. Exported for tests. */
export function changedHref(row: Row, known: readonly Pick<Resource, 'name'>[]): string | null {
  if (!row.object_id) return null
  const resource = String(row.resource)
  const id = encodeURIComponent(String(row.object_id))
  if (known.some(({ name }) => name === resource)) return `/r/${resource}/${id}?tab=history`
  return PAGES[resource]?.(id) ?? null
}

/** The audit log: what was done leads to what it was done to. */
export function AuditLog() {
  const known = useQuery(resources).data ?? []
  return <ResourceList name="audit" hrefOf={(row) => changedHref(row, known)} />
}
