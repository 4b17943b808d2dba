'use client'
import { type Gift, NetworkError, newIdempotencyKey } from '@stoa/api-client'
import { Button, toast } from '@stoa/ui'
import { useLocale, useTranslations } from 'next-intl'
import { type ReactNode, useRef } from 'react'
import { paths } from '@/config/paths'
import { errorKey } from '@/lib/error-message'
import { useAddLine } from '../api/cart-mutations'
import { useCartDrawer } from '../store'

export type AddToCartProps = {
  variantId: string
  productName: string
  /** False when the variant cannot be bought now; the button then says so and does nothing. */
  available: boolean
  quantity?: number
  /** Words on the button; "Add to cart" without. */
  label?: ReactNode
  size?: 'md' | 'lg'
  block?: boolean
  /** Of a gift card: whom it is for. */
  gift?: Gift | undefined
  /** Asked before anything is sent: false when something on the page has to be mended first. */
  ready?: () => boolean
  /** Id of the form, where other controls (a quantity field) belong to it. */
  formId?: string
}

/** One form that works either way: posted to the shop's server without JavaScript, sent to the API with it. */
export function AddToCart({
  variantId,
  available,
  quantity = 1,
  label,
  size = 'lg',
  block = true,
  gift,
  ready,
  formId,
}: AddToCartProps) {
  const locale = useLocale()
  const t = useTranslations('product')
  const errors = useTranslations('errors')
  const show = useCartDrawer((drawer) => drawer.show)
  const add = useAddLine()
  // A press that failed on the way is repeated with its key, so that it cannot count twice.
  const intent = useRef<{ what: string; key: string } | undefined>(undefined)
  const submit = () => {
    const what = `${variantId} ${quantity} ${gift ? JSON.stringify(gift) : ''}`
    if (intent.current?.what !== what) intent.current = { what, key: newIdempotencyKey() }
    add.mutate(
      { variantId, quantity, gift, key: intent.current.key },
      {
        onSuccess: () => {
          intent.current = undefined
          show()
        },
        onError: (error) => {
          if (!(error instanceof NetworkError)) intent.current = undefined
          toast(`${t('addFailed')} ${errors(errorKey(error))}`, { tone: 'error' })
        },
      },
    )
  }
  return (
    <form
      id={formId}
      method="post"
      action={paths.addToCartAction()}
      onSubmit={(event) => {
        event.preventDefault()
        if (available && !add.isPending && (ready?.() ?? true)) submit()
      }}
    >
      <input type="hidden" name="variant_id" value={variantId} />
      <input type="hidden" name="quantity" value={quantity} />
      <input type="hidden" name="locale" value={locale} />
      <Button type="submit" size={size} block={block} disabled={!available} pending={add.isPending}>
        {available ? (label ?? t('addToCart')) : t('stock.sold_out')}
      </Button>
    </form>
  )
}
