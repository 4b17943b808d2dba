import type { Metadata } from 'next'
import './globals.css'
import { Mark } from '@/features/shell/components/logo'
import { localeNames, locales } from '@/i18n/locales'
import { sans, serif } from '@/lib/fonts'

export const metadata: Metadata = { title: '404', robots: { index: false } }

/** For addresses that no route knows, and so of no known language: the way into each of them. */
export default function GlobalNotFound() {
  return (
    <html lang="en" className={`${sans.variable} ${serif.variable}`}>
      <body className="grid min-h-dvh place-items-center p-6 text-center">
        <main>
          <Mark className="mx-auto size-12 text-primary" />
          <h1 className="headline mt-6 text-4xl">This page has moved out</h1>
          <p className="mt-3 text-muted-foreground">
            The address may be old, or mistyped. The furniture is still here.
          </p>
          <ul className="mt-8 flex flex-wrap justify-center gap-6">
            {locales.map((locale) => (
              <li key={locale}>
                <a
                  href={`/${locale}`}
                  lang={locale}
                  hrefLang={locale}
                  className="underline underline-offset-4"
                >
                  {localeNames[locale]}
                </a>
              </li>
            ))}
          </ul>
        </main>
      </body>
    </html>
  )
}
