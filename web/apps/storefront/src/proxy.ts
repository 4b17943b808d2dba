import { type NextRequest, NextResponse } from 'next/server'
import { localisePath } from './config/paths'
import { isLocale, negotiateLocale } from './i18n/locales'

/**
 * Addresses without a language, as in old links and mails, go to the visitor's language. Those that begin with a language and have no
 * page show the one that says so, in that language. Pages never pass here.
 */
export function proxy(request: NextRequest) {
  const first = request.nextUrl.pathname.split('/')[1]
  if (isLocale(first)) return NextResponse.rewrite(new URL(`/${first}/missing`, request.url))
  const locale = negotiateLocale(request.headers.get('accept-language'))
  const target = localisePath(locale, request.nextUrl.pathname) + request.nextUrl.search
  // Behind nginx the request's own address is not the one that the visitor knows.
  const response = NextResponse.redirect(new URL(target, process.env.PUBLIC_URL ?? request.url), 307)
  response.headers.set('vary', 'Accept-Language')
  return response
}

// Next reads these at build time, so they are written out; a test compares them with the folders and their translations.
export const config = {
  matcher: [
    '/',
    '/((?!(?:en|de|nl|fr)(?:/|$)|(?:_next|internal|actions|sitemaps)/)[^.]+)',
    '/:locale(en|de|nl|fr)/((?!(?:c|p|products|produkte|producten|produits|collections|kollektionen|collecties|selections|search|suche|zoeken|recherche|stories|geschichten|verhalen|histoires|faq|cart|checkout|account|login|register|orders|pay)(?:/|$))[^.]+)',
  ],
}
