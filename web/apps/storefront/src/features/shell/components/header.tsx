import type { Locale, MenuItem } from '@stoa/api-client'
import { formatMoney, Search } from '@stoa/ui'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { localisePath, paths } from '@/config/paths'
import { AccountLink } from '@/features/account/components/account-link'
import { CartButton } from '@/features/cart/components/cart-button'
import { PreferencesButton } from '@/features/preferences/components/preferences-button'
import { SearchBox } from '@/features/search/components/search-box'
import { getMenu, getStore } from '../api/get-store'
import { leadsSomewhere } from '../menu'
import { Logo } from './logo'
import { MenuDismiss } from './menu-dismiss'
import { MobileMenu } from './mobile-menu'

export async function Header({ locale }: { locale: Locale }) {
  const [t, store, menu] = await Promise.all([
    getTranslations({ locale, namespace: 'shell' }),
    getStore(locale),
    getMenu('main', locale),
  ])
  return (
    <>
      <aside aria-label={t('promises')} className="bg-accent text-accent-foreground">
        <ul className="container-page flex min-h-9 items-center justify-center gap-x-8 py-1.5 text-xs">
          {store.free_shipping_threshold ? (
            <li>
              {t('delivery', { amount: formatMoney(store.free_shipping_threshold, locale, { whole: true }) })}
            </li>
          ) : null}
          <li className="max-sm:hidden">{t('returns', { days: store.return_days })}</li>
          <li className="max-lg:hidden">{t('secure')}</li>
        </ul>
      </aside>
      {/* No box of its own: the first row stays at the top of the window, the second goes with the page. */}
      <header className="contents">
        <div className="sticky top-0 z-30 border-b bg-background/95 backdrop-blur-sm lg:border-0">
          <div className="container-page flex h-16 items-center gap-2 lg:h-[4.5rem] lg:gap-8">
            <MobileMenu items={menu.items.map((item) => localised(item, locale))} />
            <Link
              href={paths.home(locale)}
              // Fetched ahead, it would bring its large picture to every page.
              prefetch={false}
              aria-label={store.name}
              className="mr-auto py-2 lg:mr-0 lg:flex-1"
            >
              <Logo name={store.name} />
            </Link>
            <div className="w-full max-w-md max-lg:hidden">
              <SearchBox locale={locale} />
            </div>
            <div className="-mr-2.5 flex items-center justify-end lg:flex-1">
              <Link
                href={paths.search(locale)}
                aria-label={t('search')}
                className="grid size-11 place-items-center rounded-md hover:bg-muted lg:hidden"
              >
                <Search className="size-5" aria-hidden="true" />
              </Link>
              <div className="max-lg:hidden">
                <PreferencesButton />
              </div>
              <AccountLink />
              <CartButton />
            </div>
          </div>
        </div>
        <nav aria-label={t('mainNavigation')} className="relative z-20 border-b bg-background max-lg:hidden">
          <div className="container-page">
            <MenuDismiss>
              <ul className="-mx-3 flex h-11 flex-wrap justify-between xl:justify-start">
                {menu.items.map((item) => (
                  <MenuEntry
                    key={item.href}
                    item={item}
                    locale={locale}
                    allOf={t('allOf', { name: item.label })}
                  />
                ))}
              </ul>
            </MenuDismiss>
          </div>
        </nav>
      </header>
    </>
  )
}

const topClass =
  'flex h-11 items-center px-3 text-sm whitespace-nowrap decoration-1 underline-offset-8 hover:underline xl:pr-6'

const localised = (item: MenuItem, locale: Locale): MenuItem => ({
  label: item.label,
  href: localisePath(locale, item.href),
  children: item.children.map((child) => localised(child, locale)),
})

function MenuEntry({ item, locale, allOf }: { item: MenuItem; locale: Locale; allOf: string }) {
  const href = localisePath(locale, item.href)
  if (item.children.length === 0) {
    return (
      <li className="flex">
        <MenuTop href={href} label={item.label} />
      </li>
    )
  }
  return (
    <li className="menu-item relative flex">
      {leadsSomewhere(item) ? (
        <MenuTop href={href} label={item.label} />
      ) : (
        <button type="button" className={topClass}>
          {item.label}
        </button>
      )}
      <div className="menu-panel absolute top-full min-w-60 rounded-b-lg border border-t-0 bg-popover p-3 shadow-lg">
        <ul>
          {item.children.map((child) => (
            <li key={child.href}>
              <Link
                href={localisePath(locale, child.href)}
                className="block rounded-md px-3 py-2 text-sm hover:bg-muted"
              >
                {child.label}
              </Link>
            </li>
          ))}
          {leadsSomewhere(item) ? (
            <li className="mt-2 border-t pt-2">
              <Link
                href={href}
                className="block rounded-md px-3 py-2 text-sm text-muted-foreground hover:bg-muted"
              >
                {allOf}
              </Link>
            </li>
          ) : null}
        </ul>
      </div>
    </li>
  )
}

function MenuTop({ href, label }: { href: string; label: string }) {
  return (
    <Link href={href} className={topClass}>
      {label}
    </Link>
  )
}
