import { afterEach, expect, it, vi } from 'vitest'
import { show, startFake, textOf } from '../../../test/render'
import { Account, sessions } from './account'

afterEach(() => vi.unstubAllGlobals())

it('keeps one’s own sessions apart from those of others, and says whose those are', async () => {
  startFake()
  const text = textOf(await show('/account', <Account />, [sessions]))
  const [own = '', others = ''] = text
    .slice(text.indexOf('Where you are signed in'))
    .split('Where others of the staff are signed in')
  expect(own).toContain('This one')
  expect(own).not.toContain('Firefox')
  expect(others).toMatch(/Cleo Clerk.*Firefox/)
})
