import { randomUUID } from 'node:crypto'
import { type APIRequestContext, request } from '@playwright/test'

export const origin = process.env.BASE_URL ?? 'http://localhost:8000'

/** The API as the shop's pages call it, with the cookies of `browser`: a page's `request`, or a browser without a window. */
export function api(browser: APIRequestContext, below = '/api/v1') {
  return async <T>(method: string, path: string, data?: unknown): Promise<T> => {
    const answer = await browser.fetch(`${below}${path}`, {
      method,
      headers: { origin: new URL(origin).origin, 'idempotency-key': randomUUID() },
      ...(data === undefined ? {} : { data }),
      timeout: 60_000,
    })
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`)
    const text = await answer.text()
    return (text ? JSON.parse(text) : undefined) as T
  }
}
export const adminApi = (browser: APIRequestContext) => api(browser, '/api/v1/admin')

/** Somebody who has been here never before, without a window. */
export const stranger = () => request.newContext({ baseURL: origin })
