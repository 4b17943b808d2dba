import { ApiError, NetworkError } from '@stoa/api-client'
import { expect, it } from 'vitest'
import { isRefused } from './use-previewed'

it('takes only an answer of the API for a refusal', () => {
  expect(isRefused(new ApiError({ code: 'orders.version', status: 409 }))).toBe(true)
  expect(isRefused(new ApiError({ code: 'http.invalid', status: 422 }))).toBe(true)
  expect(isRefused(new ApiError({ code: 'http.unavailable', status: 503 }))).toBe(false)
  expect(isRefused(new ApiError({ code: 'http.idempotency_in_progress', status: 409 }))).toBe(false)
  expect(isRefused(new NetworkError(new TypeError('fetch failed')))).toBe(false)
})
