'use client'
import { newIdempotencyKey } from '@stoa/api-client'
import { Button, toast } from '@stoa/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { paths } from '@/config/paths'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'

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
  /** Id of the form, where other controls (a quantity field) belong to it. */
  formId?: string
}

/** One form that works either way: posted to the shop's server without JavaScript, sent to the API with it. */
export function AddToCart({
  variantId,
  productName,
  available,
  quantity = 1,
  label,
  size = 'lg',
  block = true,
  formId,
}: AddToCartProps) {
  const locale = useLocale()
  const t = useTranslations('product')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const add = useMutation({
    mutationFn: (key: string) =>
      api('POST /cart/lines', { body: { variant_id: variantId, quantity } }, { idempotencyKey: key }),
    onSuccess: (cart) => {
      queries.setQueryData(['cart'], cart)
      void queries.invalidateQueries({ queryKey: ['session'] })
      toast(t('added', { name: productName }), {
        tone: 'success',
        action: { label: t('viewCart'), run: () => location.assign(paths.cart(locale)) },
      })
    },
    onError: (error) => toast(`${t('addFailed')} ${errors(errorKey(error))}`, { tone: 'error' }),
  })
  return (
    <form
      id={formId}
      method="post"
      action={paths.addToCartAction()}
      onSubmit={(event) => {
        event.preventDefault()
        if (available && !add.isPending) add.mutate(newIdempotencyKey())
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
