import type { Metadata, Viewport } from 'next'
import { notFound } from 'next/navigation'
import { NextIntlClientProvider } from 'next-intl'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import '../globals.css'
import { env } from '@/config/env'
import { getStore } from '@/features/shell/api/get-store'
import { ClientShell } from '@/features/shell/components/client-shell'
import { SkipLink } from '@/features/shell/components/page-focus'
import { isLocale, locales } from '@/i18n/locales'
import { loadMessages, pickMessages } from '@/i18n/messages'
import { clientNamespaces } from '@/i18n/namespaces'
import { earlyScript } from '@/lib/early-script'
import { sans, serif } from '@/lib/fonts'

export function generateStaticParams() {
  return locales.map((locale) => ({ locale }))
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fbfaf7' },
    { media: '(prefers-color-scheme: dark)', color: '#121614' },
  ],
}

export async function generateMetadata({ params }: LayoutProps<'/[locale]'>): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const [store, t] = await Promise.all([getStore(locale), getTranslations({ locale, namespace: 'shell' })])
  return {
    metadataBase: new URL(env().publicUrl),
    title: { default: `${store.name}: ${t('tagline')}`, template: `%s | ${store.name}` },
    description: t('tagline'),
    applicationName: store.name,
    openGraph: { siteName: store.name, type: 'website' },
    formatDetection: { telephone: false },
  }
}

export default async function LocaleLayout({
  children,
  params,
}: { children: ReactNode } & LayoutProps<'/[locale]'>) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  const [t, messages, store] = await Promise.all([
    getTranslations({ locale, namespace: 'shell' }),
    loadMessages(locale),
    getStore(locale),
  ])
  // Prices of cached pages are in one currency. Who chose another one sees none until their own has come.
  const hideForeignPrices = store.currencies
    .map(
      (currency) =>
        `html[data-currency="${currency}"] [data-catalogue] [data-price]:not([data-price="${currency}"]){visibility:hidden}`,
    )
    .join('')
  // Likewise everybody's prices from a buyer who has some of their own.
  const hideOthersPrices =
    'html[data-buyer] [data-catalogue]:not([data-catalogue="own"]) [data-price]{visibility:hidden}'
  return (
    <html lang={locale} suppressHydrationWarning className={`${sans.variable} ${serif.variable}`}>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: earlyScript }} />
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: currency codes of the store, three letters each */}
        <style dangerouslySetInnerHTML={{ __html: hideForeignPrices + hideOthersPrices }} />
      </head>
      <body className="flex min-h-dvh flex-col">
        <SkipLink>{t('skip')}</SkipLink>
        <NextIntlClientProvider locale={locale} messages={pickMessages(messages, clientNamespaces)}>
          <ClientShell>{children}</ClientShell>
        </NextIntlClientProvider>
      </body>
    </html>
  )
}
