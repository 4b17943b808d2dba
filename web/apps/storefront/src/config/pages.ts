import type { Locale } from '@stoa/api-client'

type Slugs = Record<Locale, string>

/** Slugs of the pages that every shop must have: what a price does not include, and what the last step must name. */
export const knownPages = {
  delivery: { en: 'delivery', de: 'lieferung', nl: 'bezorging', fr: 'livraison' },
  returns: { en: 'returns', de: 'rueckgabe', nl: 'retourneren', fr: 'retours' },
  terms: {
    en: 'terms',
    de: 'allgemeine-geschaeftsbedingungen',
    nl: 'algemene-voorwaarden',
    fr: 'conditions-generales-de-vente',
  },
  privacy: { en: 'privacy', de: 'datenschutz', nl: 'privacy-en-cookies', fr: 'confidentialite' },
} satisfies Record<string, Slugs>
