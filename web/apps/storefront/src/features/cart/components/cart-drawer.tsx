'use client'
import { Alert, Button, buttonVariants, Sheet } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { paths } from '@/config/paths'
import { errorKey } from '@/lib/error-message'
import { useCartPending } from '../api/cart-mutations'
import { cartQuery } from '../api/cart-query'
import { canCheckOut } from '../issues'
import { useCartDrawer } from '../store'
import { CartCodes } from './cart-codes'
import { CartEmpty } from './cart-empty'
import { CartLine } from './cart-line'
import { CartSkeleton } from './cart-skeleton'
import { TotalsList } from './cart-totals'
import { FreeDelivery } from './free-delivery'

export default function CartDrawer() {
  const locale = useLocale()
  const t = useTranslations('cart')
  const common = useTranslations('common')
  const errors = useTranslations('errors')
  const { open, hide } = useCartDrawer()
  const pathname = usePathname()
  const cart = useQuery({ ...cartQuery(locale), enabled: open })
  const pending = useCartPending()
  const openedOn = useRef(pathname)
  useEffect(() => {
    if (openedOn.current === pathname) return
    openedOn.current = pathname
    hide()
  }, [pathname, hide])

  const data = cart.data
  const filled = data && data.lines.length > 0
  return (
    <Sheet
      open={open}
      onClose={hide}
      title={
        <>
          {t('title')}
          {filled ? (
            <span className="ml-2 text-sm font-normal text-muted-foreground">
              {t('count', { count: data.item_count })}
            </span>
          ) : null}
        </>
      }
      closeLabel={common('close')}
      footer={
        filled ? (
          <div className="grid gap-4">
            <TotalsList
              totals={data.totals}
              promotions={data.promotions}
              codes={data.codes}
              shippingLater={t('shippingLater')}
              delivers={data.needs_delivery}
              pending={pending}
            />
            {canCheckOut(data) ? (
              <Link
                href={paths.checkout(locale)}
                prefetch={false}
                onClick={hide}
                className={buttonVariants({ size: 'lg', block: true })}
              >
                {t('checkout')}
              </Link>
            ) : (
              <p className="text-sm text-warning">{t('issue.block')}</p>
            )}
            <Link
              href={paths.cart(locale)}
              prefetch={false}
              onClick={hide}
              className={buttonVariants({ variant: 'outline', block: true })}
            >
              {t('viewCart')}
            </Link>
          </div>
        ) : undefined
      }
    >
      {cart.isError && !data ? (
        <Alert
          tone="error"
          title={t('failed')}
          action={
            <Button size="sm" variant="outline" onClick={() => cart.refetch()}>
              {common('retry')}
            </Button>
          }
        >
          {errors(errorKey(cart.error))}
        </Alert>
      ) : !data ? (
        <CartSkeleton />
      ) : filled ? (
        <>
          {data.free_shipping ? <FreeDelivery progress={data.free_shipping} /> : null}
          <ul aria-label={t('lines')} className="divide-y">
            {data.lines.map((line) => (
              <CartLine key={line.id} line={line} level={3} onNavigate={hide} />
            ))}
          </ul>
          <div className="border-t pt-4">
            <CartCodes cart={data} />
          </div>
        </>
      ) : (
        <CartEmpty onNavigate={hide} level={3} />
      )}
    </Sheet>
  )
}
