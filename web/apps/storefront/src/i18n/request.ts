import { locale as rootLocale } from 'next/root-params'
import { getRequestConfig } from 'next-intl/server'
import { defaultLocale, isLocale } from './locales'
import { loadMessages } from './messages'

export default getRequestConfig(async ({ locale: asked }) => {
  const candidate = asked ?? (await rootLocale())
  const locale = isLocale(candidate) ? candidate : defaultLocale
  return { locale, messages: await loadMessages(locale), timeZone: 'Europe/Amsterdam' }
})
