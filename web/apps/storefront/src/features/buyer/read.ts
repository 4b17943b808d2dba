'use client'
import { ApiError, type CallOptions, type InputOf, type ResponseOf, type RouteKey } from '@stoa/api-client'
import { api } from '@/lib/api'
import { forgetBuyer } from './use-viewer'
import type { Viewer } from './viewer'

/** Reads of the catalogue that exist for everybody and, below /account, for whoever is signed in. */
export type CatalogueRead = Extract<
  RouteKey,
  | 'GET /catalog/listing'
  | 'GET /catalog/suggest'
  | 'GET /catalog/products/{slug}'
  | 'GET /catalog/products/{id}/reviews'
>

const call = api as (route: RouteKey, input: unknown, options?: CallOptions) => Promise<unknown>

/** The catalogue as this viewer sees it. */
export async function readCatalogue<K extends CatalogueRead>(
  viewer: Viewer,
  route: K,
  input: InputOf<K>,
  options?: CallOptions,
): Promise<ResponseOf<K>> {
  if (viewer.buyer) {
    const own = route.replace('GET /catalog', 'GET /account/catalog') as RouteKey
    try {
      return (await call(own, input, options)) as ResponseOf<K>
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error
      forgetBuyer()
    }
  }
  return (await call(route, input, options)) as ResponseOf<K>
}
