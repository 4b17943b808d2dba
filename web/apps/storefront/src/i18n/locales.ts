import type { Locale } from '@stoa/api-client'

export const locales = ['en', 'de', 'nl', 'fr'] as const satisfies readonly Locale[]
export const defaultLocale: Locale = 'en'
/** What each language calls itself. */
export const localeNames: Record<Locale, string> = {
  en: 'English',
  de: 'Deutsch',
  nl: 'Nederlands',
  fr: 'Français',
}

export const isLocale = (value: string | undefined): value is Locale =>
  (locales as readonly string[]).includes(value ?? '')

/** The best of our languages for an Accept-Language header. */
export function negotiateLocale(header: string | null | undefined): Locale {
  const wanted = (header ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const q = parameters.map((p) => /^\s*q=([\d.]+)/.exec(p)?.[1]).find(Boolean)
      return { language: tag.trim().slice(0, 2).toLowerCase(), q: q === undefined ? 1 : Number.parseFloat(q) }
    })
    .filter((entry) => entry.q > 0)
    .sort((a, b) => b.q - a.q)
  return wanted.map((entry) => entry.language).find(isLocale) ?? defaultLocale
}
