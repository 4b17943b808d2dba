import type { Locale } from '@stoa/api-client'
import { localisePath } from '@/config/paths'

/** Links inside texts of the back office name no language; here they get the one of the page. */
export function localiseHtml(html: string, locale: Locale): string {
  return html.replace(/(<a\b[^>]*\shref=")(\/[^"]*)"/g, (_whole, before: string, href: string) => {
    return `${before}${localisePath(locale, href)}"`
  })
}
