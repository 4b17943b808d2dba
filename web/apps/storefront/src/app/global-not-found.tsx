import type { Metadata } from 'next'
import './globals.css'
import { buttonVariants } from '@stoa/ui'
import { paths } from '@/config/paths'
import { Mark } from '@/features/shell/components/logo'
import { defaultLocale, localeNames, locales } from '@/i18n/locales'
import { loadMessages } from '@/i18n/messages'
import { sans, serif } from '@/lib/fonts'

export const metadata: Metadata = { title: '404', robots: { index: false } }

/** One page serves every address that no route knows. The address may still begin with a language: speak that one. */
const speakScript = `(function(){var l=/^\\/(${locales.join('|')})(?:\\/|$)/.exec(location.pathname);
if(!l||l[1]==='${defaultLocale}')return;document.documentElement.lang=l[1];
document.querySelectorAll('section[lang]').forEach(function(s){s.hidden=s.lang!==l[1]})})()`

export default async function GlobalNotFound() {
  const words = await Promise.all(
    locales.map(async (locale) => ({ locale, text: (await loadMessages(locale)).shell })),
  )
  return (
    <html lang={defaultLocale} suppressHydrationWarning className={`${sans.variable} ${serif.variable}`}>
      <body className="flex min-h-dvh flex-col p-6 text-center">
        <main className="grid flex-1 grid-cols-1 place-items-center">
          <div className="w-full max-w-xl">
            <Mark className="mx-auto size-12 text-primary" />
            {words.map(({ locale, text }) => (
              <section key={locale} lang={locale} hidden={locale !== defaultLocale} suppressHydrationWarning>
                <h1 className="headline mt-6 text-4xl lg:text-5xl">{text.notFoundTitle}</h1>
                <p className="mt-4 text-lg text-muted-foreground">{text.notFoundText}</p>
                {/* Whoever typed an address was after something: it can be asked for here, also without JavaScript. */}
                <form action={paths.search(locale)} method="get" className="mt-8 flex gap-3">
                  <input
                    type="search"
                    name="q"
                    required
                    maxLength={100}
                    aria-label={text.search}
                    placeholder={text.searchPlaceholder}
                    className="h-11 min-w-0 flex-1 rounded-md border border-input bg-card px-3"
                  />
                  <button type="submit" className={buttonVariants()}>
                    {text.notFoundSearch}
                  </button>
                </form>
                <p className="mt-6">
                  <a href={paths.home(locale)} className="tap underline underline-offset-4">
                    {text.notFoundHome}
                  </a>
                </p>
              </section>
            ))}
            {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, before the first paint */}
            <script dangerouslySetInnerHTML={{ __html: speakScript }} />
          </div>
        </main>
        <ul className="flex flex-wrap justify-center gap-x-6 gap-y-1 py-2 text-sm text-muted-foreground">
          {locales.map((locale) => (
            <li key={locale}>
              <a
                href={paths.home(locale)}
                lang={locale}
                hrefLang={locale}
                className="tap inline-block py-1.5 underline-offset-4 hover:underline"
              >
                {localeNames[locale]}
              </a>
            </li>
          ))}
        </ul>
      </body>
    </html>
  )
}
