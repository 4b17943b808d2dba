export type Answer = { status: number; body?: unknown }
export type FakeRequest = {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
  ifMatch: string | null
}

export const problem = (status: number, code: string, more: object = {}): Answer => ({
  status,
  body: { type: `urn:stoa:problem:${code}`, title: code, status, code, request_id: 'req_fake', ...more },
})
export const ok = (body: unknown): Answer => ({ status: 200, body })
export const made = (body: unknown): Answer => ({ status: 201, body })
export const nothing: Answer = { status: 204 }

export const euro = (amount: number) => ({ amount, currency: 'EUR' })

/** So many minutes ago, as the API writes it. */
export type At = (minutes: number) => string

/** Who is signed in. */
export const staff = {
  id: 'stf_1',
  name: 'Ada Clerk',
  email: 'clerk@stoa.example',
  permissions: ['*'],
  has_totp: false,
  must_change_password: false,
}
