import 'server-only'
import { type Client, createClient } from '@stoa/api-client'
import { env } from '@/config/env'

let client: Client | undefined

/** The API from the server: public reads only, no cookies, five seconds at most. */
export function serverApi(): Client {
  client ??= createClient({
    origin: env().apiOrigin,
    fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(5000) }),
  })
  return client
}
