'use client'
import type { Locale } from '@stoa/api-client'
import { Search } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { paths } from '@/config/paths'

export function SearchBox({ locale }: { locale: Locale }) {
  const t = useTranslations('shell')
  return (
    <form action={paths.search(locale)} method="get" className="relative">
      <Search
        className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground"
        aria-hidden="true"
      />
      <input
        type="search"
        name="q"
        aria-label={t('search')}
        placeholder={t('searchPlaceholder')}
        className="h-10 w-full rounded-md border bg-card pr-3 pl-9 text-sm"
      />
    </form>
  )
}
