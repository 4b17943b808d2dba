import type { Locale } from '@stoa/api-client'
import { NextIntlClientProvider } from 'next-intl'
import type { ReactNode } from 'react'
import { loadMessages, pickMessages } from '@/i18n/messages'
import { clientNamespaces } from '@/i18n/namespaces'

/** Sends the words of the account to the browser, on the pages that need them. */
export async function AccountMessages({ locale, children }: { locale: Locale; children: ReactNode }) {
  const messages = await loadMessages(locale)
  return (
    <NextIntlClientProvider
      locale={locale}
      messages={pickMessages(messages, [...clientNamespaces, 'account', 'address', 'order'])}
    >
      {children}
    </NextIntlClientProvider>
  )
}
