'use client'
import { ShoppingBag } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'
import { sessionQuery } from '@/features/account/api/get-session'

/** Header slot: the way to the cart, with the number of things in it. */
export function CartButton() {
  const locale = useLocale()
  const t = useTranslations('shell')
  const count = useQuery(sessionQuery()).data?.cart_item_count ?? 0
  return (
    <Link
      href={paths.cart(locale)}
      prefetch={false}
      aria-label={t('cartWithCount', { count })}
      className="relative grid size-11 place-items-center rounded-md hover:bg-muted"
    >
      <ShoppingBag className="size-5" aria-hidden="true" />
      {count > 0 ? (
        <span
          aria-hidden="true"
          className="absolute top-1 right-0.5 grid h-4.5 min-w-4.5 place-items-center rounded-full bg-primary px-1 text-[0.6875rem] leading-none font-medium text-primary-foreground tabular-nums"
        >
          {count > 99 ? '99' : count}
        </span>
      ) : null}
    </Link>
  )
}
