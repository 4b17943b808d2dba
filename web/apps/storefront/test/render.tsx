import { NextIntlClientProvider } from 'next-intl'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import germanCart from '../messages/de/cart.json'
import germanCommon from '../messages/de/common.json'
import germanOrder from '../messages/de/order.json'
import englishCart from '../messages/en/cart.json'
import englishCommon from '../messages/en/common.json'
import englishOrder from '../messages/en/order.json'

const messages = {
  en: { cart: englishCart, common: englishCommon, order: englishOrder },
  de: { cart: germanCart, common: germanCommon, order: germanOrder },
}

/** What the server would send of these parts, in one of the shop's languages. */
export const renderHtml = (locale: keyof typeof messages, children: ReactNode): string =>
  renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} timeZone="Europe/Amsterdam" messages={messages[locale]}>
      {children}
    </NextIntlClientProvider>,
  )

/** The words of some HTML, with one blank between them. */
export const wordsOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

export const renderWords = (locale: keyof typeof messages, children: ReactNode): string =>
  wordsOf(renderHtml(locale, children))
