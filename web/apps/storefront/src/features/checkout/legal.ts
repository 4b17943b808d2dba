import type { Locale } from '@stoa/api-client'

/** Slugs of the two pages that the last step must name. */
export const legalPages: Record<'terms' | 'privacy', Record<Locale, string>> = {
  terms: {
    en: 'terms',
    de: 'allgemeine-geschaeftsbedingungen',
    nl: 'algemene-voorwaarden',
    fr: 'conditions-generales-de-vente',
  },
  privacy: { en: 'privacy', de: 'datenschutz', nl: 'privacy-en-cookies', fr: 'confidentialite' },
}
