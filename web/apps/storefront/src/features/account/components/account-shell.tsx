'use client'
import { Alert, Button, cn, Skeleton } from '@stoa/ui'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef } from 'react'
import { paths } from '@/config/paths'
import { errorKey } from '@/lib/error-message'
import { useSession } from '../api/get-session'
import { useLogout } from '../api/use-session-change'

const PAGES = [
  'orders',
  'addresses',
  'wishlist',
  'reviews',
  'cards',
  'credit',
  'security',
  'privacy',
] as const

/** Navigation and content of My Account. Whoever is not signed in is sent there first and comes back here. */
export function AccountShell({ children }: { children: ReactNode }) {
  const locale = useLocale()
  const router = useRouter()
  const pathname = usePathname()
  const t = useTranslations('account')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const session = useSession()
  const logout = useLogout()
  const customer = session.data?.customer
  const stranger = session.isSuccess && !customer
  useEffect(() => {
    if (stranger) router.replace(logout.isSuccess ? paths.home(locale) : paths.login(locale, pathname))
  }, [stranger, logout.isSuccess, router, locale, pathname])

  // On a phone the names are one strip to swipe: the current one is brought into sight.
  const strip = useRef<HTMLUListElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another page is the current one
  useEffect(() => {
    const current = strip.current?.querySelector<HTMLElement>('[aria-current]')
    if (strip.current && current)
      strip.current.scrollLeft = current.offsetLeft - (strip.current.clientWidth - current.offsetWidth) / 2
  }, [pathname])

  const links = [
    { href: paths.account(locale), label: t('nav.overview') },
    ...PAGES.map((page) => ({ href: paths.account(locale, page), label: t(`nav.${page}`) })),
  ]
  return (
    <div className="container-page grid grid-cols-[minmax(0,1fr)] gap-x-16 gap-y-6 pt-6 lg:grid-cols-[13rem_minmax(0,1fr)] lg:pt-12">
      <nav aria-label={t('nav.label')} className="min-w-0">
        <ul
          ref={strip}
          className="no-scrollbar relative -mx-4 flex gap-1 overflow-x-auto border-b px-1 md:-mx-3 md:flex-wrap md:px-0 lg:mx-0 lg:flex-col lg:border-b-0"
        >
          {links.map(({ href, label }) => {
            const current =
              pathname === href || (href !== paths.account(locale) && pathname.startsWith(`${href}/`))
            return (
              <li key={href} className="flex-none">
                <Link
                  href={href}
                  prefetch={false}
                  aria-current={current ? 'page' : undefined}
                  className={cn(
                    'block rounded-md px-3 py-[0.6875rem] text-sm whitespace-nowrap hover:bg-muted',
                    current && 'font-medium max-lg:underline max-lg:underline-offset-8 lg:bg-muted',
                  )}
                >
                  {label}
                </Link>
              </li>
            )
          })}
          <li className="flex-none lg:mt-3 lg:border-t lg:pt-3">
            <button
              type="button"
              onClick={() => logout.mutate()}
              disabled={logout.isPending}
              className="block w-full rounded-md px-3 py-[0.6875rem] text-left text-sm whitespace-nowrap text-muted-foreground hover:bg-muted"
            >
              {t('nav.logout')}
            </button>
          </li>
        </ul>
      </nav>
      <div className="min-w-0">
        {session.isError ? (
          <Alert
            tone="error"
            action={
              <Button size="sm" variant="outline" onClick={() => session.refetch()}>
                {common('retry')}
              </Button>
            }
          >
            {errors(errorKey(session.error))}
          </Alert>
        ) : customer ? (
          children
        ) : (
          <div role="status">
            <span className="sr-only">{common('loading')}</span>
            <Skeleton className="h-10 w-64" />
            <Skeleton className="mt-8 h-40 w-full" />
          </div>
        )}
      </div>
    </div>
  )
}

export function AccountTitle({ children }: { children: ReactNode }) {
  return <h1 className="headline mb-8 text-3xl">{children}</h1>
}
