import { ChevronLeft } from '@stoa/ui'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { NextIntlClientProvider } from 'next-intl'
import { getTranslations } from 'next-intl/server'
import { knownPages } from '@/config/pages'
import { paths } from '@/config/paths'
import { getStore } from '@/features/shell/api/get-store'
import { Logo } from '@/features/shell/components/logo'
import { isLocale } from '@/i18n/locales'
import { loadMessages, pickMessages } from '@/i18n/messages'
import { clientNamespaces } from '@/i18n/namespaces'

/** Nothing here but the way to the order: no menu, no search, no footer to get lost in. */
export default async function CheckoutLayout({ children, params }: LayoutProps<'/[locale]'>) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  const [t, store, messages] = await Promise.all([
    getTranslations({ locale, namespace: 'checkout' }),
    getStore(locale),
    loadMessages(locale),
  ])
  return (
    <>
      <header className="border-b">
        <div className="container-page flex h-16 items-center justify-between gap-4 lg:h-[4.5rem]">
          <Link href={paths.home(locale)} aria-label={store.name} className="py-2">
            <Logo name={store.name} />
          </Link>
          <Link
            href={paths.cart(locale)}
            prefetch={false}
            className="tap back-to-cart inline-flex items-center gap-1 py-2 text-sm hover:underline"
          >
            <ChevronLeft className="size-4" aria-hidden="true" />
            {t('toCart')}
          </Link>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="container-page flex-1 pt-6 pb-20 outline-none lg:pt-10">
        <noscript>
          <p className="mb-8 rounded-lg bg-muted px-6 py-5">{t('noScript')}</p>
        </noscript>
        <NextIntlClientProvider
          locale={locale}
          messages={pickMessages(messages, [...clientNamespaces, 'checkout', 'address', 'order'])}
        >
          <div className="mx-auto max-w-5xl">{children}</div>
        </NextIntlClientProvider>
      </main>
      <footer className="border-t">
        <ul className="container-page flex flex-wrap gap-x-6 gap-y-1 py-5 text-sm text-muted-foreground">
          <li className="mr-auto py-1 max-sm:w-full">© {store.name}</li>
          <li>
            <a href={`mailto:${store.contact.email}`} className="tap inline-block py-1 hover:underline">
              {store.contact.email}
            </a>
          </li>
          {(['terms', 'privacy'] as const).map((page) => (
            <li key={page}>
              <Link
                href={paths.page(locale, knownPages[page][locale])}
                prefetch={false}
                className="tap inline-block py-1 hover:underline"
              >
                {t(`legal.${page}`)}
              </Link>
            </li>
          ))}
        </ul>
      </footer>
    </>
  )
}
