import type { Locale } from '@stoa/api-client'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { localisePath } from '@/config/paths'
import { LanguageLinks } from '@/features/preferences/components/language-links'
import { PreferencesButton } from '@/features/preferences/components/preferences-button'
import { getMenu, getStore } from '../api/get-store'
import { storeAddress } from '../store-address'
import { Logo } from './logo'

export async function Footer({ locale }: { locale: Locale }) {
  const [t, store, menu] = await Promise.all([
    getTranslations({ locale, namespace: 'shell' }),
    getStore(locale),
    getMenu('footer', locale),
  ])
  return (
    <footer className="mt-24 border-t bg-muted">
      <div className="container-page grid gap-12 py-14 lg:grid-cols-[minmax(16rem,1fr)_2fr]">
        <div className="max-w-sm">
          <Logo name={store.name} />
          <p className="mt-4 text-sm text-muted-foreground">{t('tagline')}</p>
          <address className="mt-6 text-sm not-italic">
            <span className="block whitespace-pre-line text-muted-foreground">
              {storeAddress(store.contact.address, store.countries)}
            </span>
            <a
              href={`mailto:${store.contact.email}`}
              className="tap mt-3 block w-fit underline underline-offset-4"
            >
              {store.contact.email}
            </a>
            <a
              href={`tel:${store.contact.phone.replace(/[^+\d]/g, '')}`}
              className="tap mt-1 block w-fit pointer-coarse:mt-6"
            >
              {store.contact.phone}
            </a>
          </address>
        </div>
        <nav
          aria-label={t('footerNavigation')}
          className={`grid grid-cols-[repeat(2,auto)] gap-x-6 hyphens-auto gap-y-10 ${menu.items.length === 4 ? 'md:grid-cols-[repeat(4,auto)]' : 'md:grid-cols-[repeat(3,auto)]'}`}
        >
          {menu.items.map((group) => (
            <div key={group.label}>
              <h2 className="text-sm font-medium">{group.label}</h2>
              <ul className="mt-3">
                {group.children.map((item) => (
                  <li key={item.href}>
                    <Link
                      href={localisePath(locale, item.href)}
                      className="block py-1.5 text-sm text-muted-foreground pointer-coarse:py-[0.6875rem] hover:text-foreground hover:underline"
                    >
                      {item.label}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </nav>
      </div>
      <div className="container-page flex flex-wrap items-center gap-x-8 gap-y-3 border-t py-6 text-sm text-muted-foreground">
        <p>© {store.name}</p>
        <p>{t('pricesNote')}</p>
        <ul className="flex flex-wrap gap-x-4 lg:ml-auto">
          <LanguageLinks locale={locale} />
        </ul>
        <div className="-mx-2.5">
          <PreferencesButton />
        </div>
      </div>
    </footer>
  )
}
