import { isApiError, newIdempotencyKey } from '@stoa/api-client'
import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'

/**
 * Whether the API refused, so that nothing was done. Without its answer, after a failure of its own, or while it is still at the
 * same request, nobody knows.
 */
export const isRefused = (error: unknown): boolean =>
  isApiError(error) && error.status < 500 && error.code !== 'http.idempotency_in_progress'

/**
 * A step that moves money or goods: wished for, shown as the server says it would be, and done as it was shown. A yes that is
 * repeated because no answer came is the same yes to the server.
 */
export function usePreviewed<Wish, Seen, After>({
  look,
  act,
  done,
  stale,
}: {
  look: (wish: Wish) => Promise<Seen>
  act: (seen: Seen, wish: Wish, idempotencyKey: string) => Promise<After>
  done: (after: After) => void
  /** Somebody was faster, or it comes to something else by now: what the page knows has to be read anew. */
  stale: () => void
}) {
  const key = useRef(newIdempotencyKey())
  const preview = useMutation({
    mutationFn: (wish: Wish) => look(wish).then((seen) => ({ seen, wish })),
  })
  const action = useMutation({
    mutationFn: ({ seen, wish }: { seen: Seen; wish: Wish }) => act(seen, wish, key.current),
    onSuccess: done,
    onError: (error) => {
      if (isRefused(error)) key.current = newIdempotencyKey()
      if (isApiError(error) && error.status === 409) {
        preview.reset()
        stale()
      }
    },
  })
  return {
    preview,
    action,
    seen: preview.data?.seen,
    /** Does what was shown. */
    confirm: () => {
      if (preview.data && !action.isPending) action.mutate(preview.data)
    },
    /** The wish is another one. */
    forget: () => {
      if (action.isError) key.current = newIdempotencyKey()
      preview.reset()
      action.reset()
    },
  }
}
