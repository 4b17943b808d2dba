import type { FieldError, Problem } from './types'

/** What the server answered when it did not do what was asked. `code` is stable; the words are the app's. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string | undefined
  readonly requestId: string | undefined
  readonly errors: readonly FieldError[]
  readonly details: Readonly<Record<string, unknown>>
  /** Seconds to wait before the same call makes sense again. */
  readonly retryAfter: number | undefined

  constructor(problem: Partial<Problem> & { status: number }, retryAfter?: number) {
    super(`${problem.status} ${problem.code ?? 'http.unexpected'}: ${problem.detail ?? problem.title ?? ''}`)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code ?? 'http.unexpected'
    this.detail = problem.detail ?? undefined
    this.requestId = problem.request_id ?? undefined
    this.errors = problem.errors ?? []
    // Problem members beyond the standard ones may stand at the top level or under "details".
    const { type: _type, title: _title, status: _status, detail: _detail, code: _code, ...rest } = problem
    this.details = { ...rest, ...(problem.details ?? {}) }
    this.retryAfter = retryAfter
  }

  /** The first message for a member of the body, by JSON pointer: "/shipping/postal_code". */
  field(pointer: string): FieldError | undefined {
    return this.errors.find((error) => error.pointer === pointer)
  }
}

/** The server could not be reached at all. */
export class NetworkError extends Error {
  constructor(cause: unknown) {
    super('The server could not be reached', { cause })
    this.name = 'NetworkError'
  }
}

export const isApiError = (error: unknown, code?: string): error is ApiError =>
  error instanceof ApiError && (code === undefined || error.code === code)

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404
