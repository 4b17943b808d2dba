import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { changeSession, session } from './session'

it('tells who looks at the session, and forgets what the one before had loaded', () => {
  const client = new QueryClient()
  client.setQueryData(session.queryKey, null)
  client.setQueryData(['rows', 'orders', ''], { rows: [] })
  const observer = new QueryObserver(client, { ...session, enabled: false })
  const stop = observer.subscribe(() => undefined)
  changeSession(client, { status: 'second_factor', methods: ['totp'] })
  expect(observer.getCurrentResult().data).toEqual({ status: 'second_factor', methods: ['totp'] })
  expect(client.getQueryData(['rows', 'orders', ''])).toBeUndefined()
  stop()
  client.clear()
})
