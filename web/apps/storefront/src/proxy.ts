import { type NextRequest, NextResponse } from 'next/server'
import { localisePath } from './config/paths'
import { negotiateLocale } from './i18n/locales'

/** Addresses without a language, as in old links and mails, go to the visitor's language. Pages never pass here. */
export function proxy(request: NextRequest) {
  const locale = negotiateLocale(request.headers.get('accept-language'))
  const target = localisePath(locale, request.nextUrl.pathname) + request.nextUrl.search
  // Behind nginx the request's own address is not the one that the visitor knows.
  const response = NextResponse.redirect(new URL(target, process.env.PUBLIC_URL ?? request.url), 307)
  response.headers.set('vary', 'Accept-Language')
  return response
}

// Next reads this at build time, so the languages are written out.
export const config = {
  matcher: ['/', '/((?!(?:en|de|nl|fr)(?:/|$)|(?:_next|internal|actions|sitemaps)/)[^.]+)'],
}
