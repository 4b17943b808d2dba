import { newIdempotencyKey } from '@stoa/api-client'
import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'
import { isRefused } from './use-previewed'

/**
 * The key of one wish. It is kept while nobody knows what became of it, so that the server takes asking again for the same
 * request; another wish, and one after an answer, has another. Exported for tests.
 */
export function oneKey() {
  let asked: { wish: string; key: string } | null = null
  return {
    of(input: unknown): string {
      const wish = JSON.stringify(input) ?? ''
      if (asked?.wish !== wish) asked = { wish, key: newIdempotencyKey() }
      return asked.key
    },
    answered() {
      asked = null
    },
  }
}

/** Something that happens once, however often its button is pressed and whatever becomes of the connection. */
export function useOnce<Input, After>({
  act,
  done,
  failed,
}: {
  act: (input: Input, idempotencyKey: string) => Promise<After>
  done: (after: After) => void
  failed?: (error: Error) => void
}) {
  const key = useRef<ReturnType<typeof oneKey>>(null)
  key.current ??= oneKey()
  const { of, answered } = key.current
  return useMutation({
    mutationFn: (input: Input) => act(input, of(input)),
    onSuccess: (after) => {
      answered()
      done(after)
    },
    onError: (error) => {
      if (isRefused(error)) answered()
      failed?.(error)
    },
  })
}
