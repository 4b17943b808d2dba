import { expect, it, vi } from 'vitest'
import { onRestored } from './use-restored'

const shown = (persisted: boolean) => Object.assign(new Event('pageshow'), { persisted })

it('tells of pages that were kept, and not of those that are new', () => {
  const page = new EventTarget()
  const then = vi.fn()
  const stop = onRestored(page, then)
  page.dispatchEvent(shown(false))
  expect(then).not.toHaveBeenCalled()
  page.dispatchEvent(shown(true))
  expect(then).toHaveBeenCalledTimes(1)
  stop()
  page.dispatchEvent(shown(true))
  expect(then).toHaveBeenCalledTimes(1)
})
