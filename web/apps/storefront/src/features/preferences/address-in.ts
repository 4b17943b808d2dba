import { switchLocale } from '@/config/paths'
import { isLocale } from '@/i18n/locales'

/** This page in another language: as the page itself says, or as near as its address allows. */
export function addressIn(locale: string): string {
  const link = document.querySelector<HTMLLinkElement>(`link[rel="alternate"][hreflang="${locale}"]`)
  if (link) {
    const target = new URL(link.href)
    return target.pathname + (location.search || target.search)
  }
  return isLocale(locale) ? switchLocale(location.pathname, locale) + location.search : '/'
}
