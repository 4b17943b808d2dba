import { NetworkError } from '@stoa/api-client'
import { onlineManager } from '@tanstack/react-query'
import { afterEach, expect, it } from 'vitest'
import { createQueryClient } from './query-client'

afterEach(() => onlineManager.setOnline(true))

it('lets a press fail at once when there is no connection', async () => {
  onlineManager.setOnline(false)
  const client = createQueryClient()
  const press = client
    .getMutationCache()
    .build(client, { mutationFn: () => Promise.reject(new NetworkError('offline')) })
  await expect(press.execute(undefined)).rejects.toBeInstanceOf(NetworkError)
  expect(press.state.isPaused).toBe(false)
})
