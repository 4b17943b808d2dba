'use client'
import type { Locale } from '@stoa/api-client'
import { paths } from '@/config/paths'
import { localeNames, locales } from '@/i18n/locales'
import { addressIn } from '../address-in'

/** This page in the other languages. Without JavaScript it is the home page, since the foot is the same below every page. */
export function LanguageLinks({ locale }: { locale: Locale }) {
  return locales.map((other) => (
    <li key={other}>
      <a
        href={paths.home(other)}
        hrefLang={other}
        lang={other}
        aria-current={other === locale ? 'true' : undefined}
        // Also for a new tab: whatever the press means, it means this page.
        onPointerDown={(event) => {
          event.currentTarget.href = addressIn(other)
        }}
        onFocus={(event) => {
          event.currentTarget.href = addressIn(other)
        }}
        className="tap inline-block py-1.5 hover:text-foreground aria-[current]:text-foreground"
      >
        {localeNames[other]}
      </a>
    </li>
  ))
}
