'use client'
import { ApiError, NetworkError, type OrderReturns, type Problem, type Return } from '@stoa/api-client'
import { queryOptions } from '@tanstack/react-query'
import { api } from '@/lib/api'

/** How soon to look again while a label is being made. */
const AGAIN_MS = 3_000

const withToken = (path: string, token: string | undefined) =>
  token ? `${path}?${new URLSearchParams({ token }).toString()}` : path
const base = (number: string, id: string) =>
  `/api/v1/orders/${encodeURIComponent(number)}/returns/${encodeURIComponent(id)}`

export const labelHref = (number: string, id: string, token: string | undefined): string =>
  withToken(`${base(number, id)}/label`, token)
export const photoHref = (number: string, id: string, photo: string, token: string | undefined): string =>
  withToken(`${base(number, id)}/photos/${encodeURIComponent(photo)}`, token)

/** What of an order may come back, and what is on its way. By the order's link or from the account. */
export const returnsQuery = (number: string, token: string | undefined) =>
  queryOptions({
    queryKey: ['order-returns', number, token ?? 'account'],
    queryFn: ({ signal }): Promise<OrderReturns> =>
      api('GET /orders/{number}/returns', { path: { number }, query: token ? { token } : {} }, { signal }),
    refetchInterval: ({ state }) =>
      state.data?.returns.some(
        ({ label }) => label?.state === 'announcing' || (label?.state === 'labelled' && !label.ready),
      )
        ? AGAIN_MS
        : false,
  })

export type ReturnWish = {
  comment: string
  lines: {
    line_id: string
    quantity: number
    reason: Return['lines'][number]['reason']
    exchange_variant_id?: string
  }[]
}

export const requestReturn = (
  number: string,
  token: string | undefined,
  wish: ReturnWish,
  photos: string[],
  idempotencyKey: string,
): Promise<Return> =>
  api(
    'POST /orders/{number}/returns',
    { path: { number }, query: token ? { token } : {}, body: { ...wish, photos } },
    { idempotencyKey },
  )

/** The photos go before the return that names them, since they are large. */
export async function uploadPhotos(
  number: string,
  token: string | undefined,
  photos: readonly File[],
): Promise<string[]> {
  const form = new FormData()
  for (const photo of photos) form.append('photo', photo)
  let answer: Response
  try {
    answer = await fetch(withToken(`/api/v1/orders/${encodeURIComponent(number)}/return-photos`, token), {
      method: 'POST',
      credentials: 'same-origin',
      headers: { accept: 'application/json' },
      body: form,
    })
  } catch (cause) {
    throw new NetworkError(cause)
  }
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>
    throw new ApiError({ ...problem, status: answer.status, code: problem.code ?? `http.${answer.status}` })
  }
  return ((await answer.json()) as { ids: string[] }).ids
}

export const cancelReturn = (number: string, token: string | undefined, id: string) =>
  api('POST /orders/{number}/returns/{return_id}/cancel', {
    path: { number, return_id: id },
    query: token ? { token } : {},
  })
