import { publicBuyer } from '@/config/cache'
import { PREFERENCES_COOKIE } from '@/features/preferences/cookie-name'
import { BUYER_COOKIE } from './cookie-name'

/**
 * Whose prices and products are shown. `buyer` is the API's mark of somebody who has some of their own: it changes with
 * what they may see, says nothing about it, and is absent for everybody else.
 */
export type Viewer = { currency: string; country: string; buyer?: string }

const { currency, country } = publicBuyer('en')
/** The one that cached pages are rendered for. */
export const publicViewer: Viewer = { currency, country }

const PREFERENCES = /^([A-Z]{3})\.([A-Z]{2})$/
const MARK = /^[0-9a-f]{16}$/

/** From the value of each cookie. What is not well formed is nobody's. */
export function viewerFrom(cookie: (name: string) => string | undefined): Viewer {
  const chosen = PREFERENCES.exec(cookie(PREFERENCES_COOKIE) ?? '')
  const mark = cookie(BUYER_COOKIE) ?? ''
  return {
    ...(chosen?.[1] && chosen[2] ? { currency: chosen[1], country: chosen[2] } : publicViewer),
    ...(MARK.test(mark) ? { buyer: mark } : {}),
  }
}

/** One cookie of a `document.cookie`. */
export const cookieIn = (cookies: string, name: string): string | undefined =>
  cookies
    .split(/;\s*/)
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1)

export const sameViewer = (a: Viewer, b: Viewer): boolean =>
  a.currency === b.currency && a.country === b.country && a.buyer === b.buyer

/** What a read of the catalogue says about who reads. The mark is not sent: the session says who it is. */
export const asked = ({ currency: inCurrency, country: to }: Viewer) => ({
  currency: inCurrency,
  country: to,
})
