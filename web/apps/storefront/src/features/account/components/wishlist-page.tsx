'use client'
import { EmptyState, toast, X } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { ProductCard } from '@/features/catalog/components/product-card'
import { usePreferences } from '@/features/preferences/preferences'
import { api } from '@/lib/api'
import { errorKey } from '@/lib/error-message'
import { wishlistQuery } from '../api/account-queries'
import { AccountTitle } from './account-shell'
import { Loaded } from './loaded'
import { LookAround } from './look-around'

export function WishlistPage() {
  const locale = useLocale()
  const { currency } = usePreferences()
  const t = useTranslations('account')
  const errors = useTranslations('errors')
  const queries = useQueryClient()
  const query = useQuery(wishlistQuery(locale, currency))
  const remove = useMutation({
    mutationFn: (id: string) => api('DELETE /account/wishlist/{product_id}', { path: { product_id: id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['account', 'wishlist'] }),
    onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }),
  })
  return (
    <>
      <AccountTitle>{t('nav.wishlist')}</AccountTitle>
      <Loaded query={query} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('wishlist.emptyTitle')} action={<LookAround />}>
              {t('wishlist.emptyText')}
            </EmptyState>
          ) : (
            <ul className="grid grid-cols-2 gap-x-4 gap-y-10 md:grid-cols-3 md:gap-x-6">
              {items.map((card) => (
                <li key={card.id} className="relative">
                  <ProductCard card={card} level={2} wish={false} />
                  <button
                    type="button"
                    aria-label={t('wishlist.remove', { name: card.name })}
                    disabled={remove.isPending}
                    onClick={() => remove.mutate(card.id)}
                    className="absolute top-2 right-2 grid size-10 place-items-center rounded-full bg-background hover:bg-muted"
                  >
                    <X className="size-4" aria-hidden="true" />
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  )
}
