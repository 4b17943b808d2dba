'use client'
import { ShoppingBag } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { paths } from '@/config/paths'
import { sessionQuery } from '@/features/account/api/get-session'
import { cartQuery } from '../api/cart-query'
import { useCartDrawer } from '../store'

const CartDrawer = dynamic(() => import('./cart-drawer'), { ssr: false })

/** Header slot: opens the drawer; without JavaScript, or on the cart's own page, it is a plain link to the cart. */
export function CartButton() {
  const locale = useLocale()
  const t = useTranslations('shell')
  const { open, show } = useCartDrawer()
  const [used, setUsed] = useState(false)
  const session = useQuery(sessionQuery()).data
  // Read only what is there already: the header asks for the number, not for the whole cart.
  const cart = useQuery({ ...cartQuery(locale), enabled: false }).data
  const count = cart?.item_count ?? session?.cart_item_count ?? 0
  const href = paths.cart(locale)
  const onCartPage = usePathname() === href
  useEffect(() => {
    if (open) setUsed(true)
  }, [open])
  return (
    <>
      <Link
        href={href}
        prefetch={false}
        aria-label={t('cartWithCount', { count })}
        aria-haspopup={onCartPage ? undefined : 'dialog'}
        onClick={(event) => {
          if (onCartPage || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
          event.preventDefault()
          show()
        }}
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
      {used ? <CartDrawer /> : null}
    </>
  )
}
