import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { request } from './request'

export type Endpoint = {
  id: string
  url: string
  description: string
  types: string[]
  enabled: boolean
  disabled_reason: string
  failing_since?: string | null
  created_at: string
  pending: number
  failed: number
}
export type Delivery = {
  id: string
  position: number
  type: string
  state: string
  attempts: number
  status?: number | null
  error: string
  created_at: string
  attempted_at?: string | null
}
export type EndpointInput = { url: string; description: string; types: string[] }

const PAGE = 50
const path = (id: string, rest = '') => `/webhooks/${encodeURIComponent(id)}${rest}`

export const endpoints = queryOptions({
  queryKey: ['webhooks'],
  refetchInterval: 30_000,
  queryFn: async ({ signal }) => (await request<{ items: Endpoint[] }>('GET', '/webhooks', { signal })).items,
})

export const deliveries = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['webhook-deliveries', id],
    initialPageParam: 0,
    queryFn: async ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(PAGE) })
      if (pageParam) query.set('before', String(pageParam))
      return (await request<{ items: Delivery[] }>('GET', path(id, '/deliveries'), { query, signal })).items
    },
    getNextPageParam: (page) => (page.length === PAGE ? page.at(-1)?.position : undefined),
  })

export const createEndpoint = (input: EndpointInput) =>
  request<{ id: string; secret: string; token: string }>('POST', '/webhooks', { body: input })
export const changeEndpoint = (id: string, input: Partial<EndpointInput> & { enabled?: boolean }) =>
  request<Endpoint>('PATCH', path(id), { body: input })
export const removeEndpoint = (id: string) => request<void>('DELETE', path(id))
export const rotateSecret = (id: string) => request<{ secret: string }>('POST', path(id, '/secret'))
export const renewToken = (id: string) => request<{ token: string }>('POST', path(id, '/token'))
export const pingEndpoint = (id: string) =>
  request<{ taken: boolean; status?: number | null; error: string }>('POST', path(id, '/ping'))
export const replay = (id: string, after: number, idempotencyKey: string) =>
  request<{ queued: number; next?: number | null }>('POST', path(id, '/replay'), {
    body: { after },
    idempotencyKey,
  })
