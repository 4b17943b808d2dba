import { type NextRequest, NextResponse } from 'next/server'
import { localisePath } from './config/paths'
import { negotiateLocale } from './i18n/locales'

/** Addresses without a language, as in old links and mails, go to the visitor's language. Pages never pass here. */
export function proxy(request: NextRequest) {
  const locale = negotiateLocale(request.headers.get('accept-language'))
  const target = localisePath(locale, request.nextUrl.pathname)
  // Relative, so that the browser stays on the origin it knows, whatever stands in front.
  const response = new NextResponse(null, {
    status: 307,
    headers: { location: target + request.nextUrl.search, vary: 'Accept-Language' },
  })
  return response
}

export const config = {
  matcher: [
    '/',
    '/((?:c|p|products|collections|search|stories|faq|cart|checkout|account|login|register)(?:/.*)?)',
  ],
}
